//! The master key inside a PKCS#11 token, played by SoftHSM; without it the test says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may; the helpers here are part of them"
)]
use std::path::{Path, PathBuf};
use std::process::Command;

use base::{AccountId, Method, TemplateId};
use uuid::Uuid;
use vault::{Features, Label, MasterKeySource, Vault, VaultConfig};

const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// A token called `pay room` with PIN 4711 below `dir`; `None` without SoftHSM.
fn token(dir: &Path) -> Option<PathBuf> {
    let module = MODULES.iter().map(PathBuf::from).find(|path| path.is_file())?;
    let tokens = dir.join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let conf = dir.join("softhsm2.conf");
    std::fs::write(&conf, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display())).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", "pay room", "--so-pin", "0000", "--pin", "4711"])
        .env("SOFTHSM2_CONF", &conf)
        .output();
    made.is_ok_and(|out| out.status.success()).then_some(module)
}

fn source(module: &Path, token: &str, object: &str, pin: &Path) -> MasterKeySource {
    let (module, pin) = (module.display(), pin.display());
    format!("pkcs11:token={token};object={object}?module-path={module}&pin-source=file:{pin}").parse().unwrap()
}

/// Runs this test again in a process whose environment names the token: SoftHSM reads it there and nowhere else.
fn in_child(name: &str, dir: &Path, module: &Path) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env("SOFTHSM2_CONF", dir.join("softhsm2.conf"))
        .env("SMILEPAY_TEST_TOKEN", dir)
        .env("SMILEPAY_TEST_MODULE", module)
        .status();
    status.unwrap().success()
}

#[test]
fn a_token_holds_the_master_key_and_each_failure_says_what_to_do() {
    let (Some(dir), Some(module)) = (std::env::var_os("SMILEPAY_TEST_TOKEN"), std::env::var_os("SMILEPAY_TEST_MODULE"))
    else {
        let dir = tempfile::tempdir().unwrap();
        let Some(module) = token(dir.path()) else {
            return println!("left out: SoftHSM is not installed (cargo xtask test installs it where it may)");
        };
        let name = "a_token_holds_the_master_key_and_each_failure_says_what_to_do";
        assert!(in_child(name, dir.path(), &module));
        return;
    };
    let (dir, module) = (PathBuf::from(dir), PathBuf::from(module));
    let (pin, wrong_pin) = (dir.join("pin"), dir.join("wrong"));
    std::fs::write(&pin, "4711\n").unwrap();
    std::fs::write(&wrong_pin, "1234").unwrap();
    let good = source(&module, "pay%20room", "master", &pin);
    let config = |master: &MasterKeySource| VaultConfig { key_dir: dir.join("keys"), master: master.clone() };

    // The key is made in the token at the first start and found there at the next.
    let vault = Vault::init(config(&good)).unwrap();
    let label = Label {
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        method: Method::Face,
        template: TemplateId::from_uuid(Uuid::from_u128(2)),
    };
    let features = || Features::new(vec![0.6, 0.8], 5, 0.3, "m").unwrap();
    let sealed = vault.seal(&label, &features()).unwrap();
    drop(vault);
    let vault = Vault::open(config(&good)).unwrap();
    assert!((vault.compare(&label, &sealed, &features()).unwrap().cosine - 1.0).abs() < 1e-5);
    drop(vault);

    let say = |master: &MasterKeySource| match Vault::open(config(master)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("opened with {master}"),
    };
    for (source, part) in [
        (source(&module, "other", "master", &pin), "no PKCS#11 token is called other"),
        (source(&module, "pay%20room", "other", &pin), "holds no AES key called other"),
        (source(&module, "pay%20room", "master", &wrong_pin), "refuses the PIN"),
        (source(&module, "pay%20room", "master", &dir.join("none")), "PIN of the token cannot be read"),
        (source(&dir.join("none.so"), "pay%20room", "master", &pin), "install it, or correct module-path"),
    ] {
        let said = say(&source);
        assert!(said.contains(part), "{said}");
        assert!(!said.contains("4711") && !said.contains("1234"), "{said}");
    }

    // From the token to a file, and back to another key of the token.
    let file = MasterKeySource::File(dir.join("master.key"));
    let vault = Vault::open(config(&good)).unwrap();
    vault.change_master(file.clone()).unwrap();
    drop(vault);
    assert!(say(&good).contains("does not open this key store"), "{}", say(&good));
    let second = source(&module, "pay%20room", "second", &pin);
    let vault = Vault::open(config(&file)).unwrap();
    vault.change_master(second.clone()).unwrap();
    vault.begin_rotation().unwrap();
    drop(vault);
    assert!(say(&good).contains("does not open this key store"), "{}", say(&good));
    let vault = Vault::open(config(&second)).unwrap();
    assert!(vault.rotation().unwrap().is_some());
    assert!((vault.compare(&label, &sealed, &features()).unwrap().cosine - 1.0).abs() < 1e-5);
}
