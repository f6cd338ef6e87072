//! Writes frames of the drawn tattoos, to be looked at: `cargo run -p puppet --example exhibits -- DIR`.

use std::sync::Arc;

use puppet::{Around, Exhibit, Handheld};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&dir)?;
    for seed in [1, 2] {
        let exhibit = Arc::new(Exhibit::tattoo(seed));
        for around in Around::ALL {
            let mut hand = Handheld::new(Arc::clone(&exhibit), 0, seed);
            hand.ask(around, 0.0);
            hand.shot(3_000.0).save(dir.join(format!("{seed}-{}.png", around.name())))?;
        }
    }
    Ok(())
}
