//! Fetches everything into the default cache and prints the paths.
fn main() -> Result<(), models::ModelsError> {
    let manifest = models::Manifest::embedded()?;
    let cache = models::Cache::default_dir()?;
    let start = std::time::Instant::now();
    let files = models::fetch(&manifest, &cache, &mut models::Silent)?;
    let portraits = models::portraits(&manifest, &cache, &mut models::Silent)?;
    let voice = models::voice(&manifest, &cache, &mut models::Silent)?;
    let digits = models::spoken_digits(&manifest, &cache, &mut models::Silent)?;
    let kungfu = models::kungfu(&manifest, &cache, &mut models::Silent)?;
    #[expect(clippy::print_stdout, reason = "an example")]
    {
        println!("{files:#?}\n{portraits:#?}\n{voice:#?}\n{digits:#?}\n{kungfu:#?}\n{:?}", start.elapsed());
    }
    Ok(())
}
