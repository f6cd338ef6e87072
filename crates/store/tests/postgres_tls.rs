//! A PostgreSQL server across a network: its certificate is checked. Without PostgreSQL on this machine the test says so
//! and passes.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may stop the test")]

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use store::load::Cluster;
use store::{Location, Store, StoreError, StoreKeys, StoreOptions};

/// PostgreSQL does not run as root.
const NOBODY: u32 = 65_534;

/// A server on a loopback port that takes passwords over TLS only; stopped when it is dropped.
struct Secured(Child);

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn as_user(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env("LC_ALL", "C").stdout(Stdio::null()).stderr(Stdio::null());
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
    if is_root {
        command.uid(NOBODY).gid(NOBODY);
        for path in [dir.to_owned(), dir.join("server.crt"), dir.join("server.key"), dir.join("password")] {
            let _ = std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY));
        }
    }
    command
}

fn serve(programs: &Path, dir: &Path, port: u16) -> Secured {
    let write = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(dir.join(name), text).unwrap();
        std::fs::set_permissions(dir.join(name), PermissionsExt::from_mode(0o600)).unwrap();
    };
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    write("server.crt", &made.cert.pem());
    write("server.key", &made.signing_key.serialize_pem());
    write("password", "hush\n");
    let mut init = as_user(&programs.join("initdb"), dir);
    init.args(["--username=pay", "--auth=scram-sha-256", "--pwfile=password", "--no-sync", "-D", "data"]);
    assert!(init.status().unwrap().success());
    std::fs::write(dir.join("data/pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n").unwrap();
    let mut server = as_user(&programs.join("postgres"), dir);
    server.args(["-D", "data", "-k", "", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"]);
    server.arg("-c").arg(format!("ssl_cert_file={}", dir.join("server.crt").display()));
    server.arg("-c").arg(format!("ssl_key_file={}", dir.join("server.key").display()));
    let server = Secured(server.arg("-p").arg(port.to_string()).spawn().unwrap());
    let since = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(since.elapsed() < Duration::from_secs(60), "PostgreSQL does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}

/// Opens the store at that address, again while the server still starts.
fn open(address: &str) -> Result<Store, StoreError> {
    let location: Location = address.parse().map_err(StoreError::Internal)?;
    let since = Instant::now();
    loop {
        let keys = StoreKeys { audit_signing: [7; 32] };
        match Store::open_in(&location, keys, StoreOptions::default()) {
            Err(StoreError::Unreachable(text))
                if text.contains("57P03") && since.elapsed() < Duration::from_secs(30) =>
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            other => return other,
        }
    }
}

#[test]
fn a_database_across_the_network_is_reached_over_checked_tls() {
    let Some(programs) = Cluster::programs() else {
        println!("PostgreSQL is not installed here (no initdb): TLS to it was not tried");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _server = serve(&programs, dir.path(), port);
    let roots = dir.path().join("server.crt");
    let at = |host: &str, password: &str, more: &str| {
        open(&format!("postgres://pay:{password}@{host}:{port}/postgres?{more}"))
    };
    let trusted = format!("sslmode=verify-full&sslrootcert={}", roots.display());
    let store = at("localhost", "hush", &trusted).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(store.check_books()).unwrap().is_sound(), "a reader gets in, too");
    drop(store);
    let cases = [
        ("an authority that it does not know", at("localhost", "hush", "sslmode=require")),
        ("a name that is not the certificate's", at("127.0.0.1", "hush", &trusted)),
        ("a wrong password", at("localhost", "loud", &trusted)),
        ("no TLS at all", at("localhost", "hush", "sslmode=disable")),
    ];
    for (what, opened) in cases {
        let error = opened.err().unwrap_or_else(|| panic!("{what} was accepted"));
        let text = error.to_string();
        assert!(!text.contains("hush") && !text.contains("loud"), "{what}: {text}");
    }
}
