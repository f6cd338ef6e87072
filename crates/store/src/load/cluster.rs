//! A private PostgreSQL server for benchmarks and tests: its own directory, its own socket, no port, gone afterwards.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::sql::{Connection, Location, PostgresConnection, Role};
use crate::{StoreError, limits};

/// Where Debian keeps the server's programs, beside the search path.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// PostgreSQL refuses to run as root; the user who owns nothing may.
const NOBODY: u32 = 65_534;
const START: Duration = Duration::from_secs(60);

/// What the server asks of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Commits are synced, as in production: for figures.
    Synced,
    /// Nothing is synced; survives a kill, not a power cut: for tests.
    Unsynced,
}

/// A running server with a superuser and no password, reachable by those who may enter its directory.
pub struct Cluster {
    dir: PathBuf,
    programs: PathBuf,
    disk: Disk,
    server: Mutex<Child>,
    databases: AtomicU32,
}

impl Cluster {
    /// The folder with `initdb` and `postgres`: on the search path, or the newest of Debian's.
    pub fn programs() -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut versions: Vec<PathBuf> = std::fs::read_dir(PROGRAMS)
            .map(|found| found.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        versions.sort_by_key(|path| version(path));
        let mut all = std::env::split_paths(&path).chain(versions.into_iter().rev());
        let needed = ["initdb", "postgres", "pg_ctl"];
        all.find(|folder| needed.iter().all(|program| folder.join(program).is_file()))
    }

    /// Makes and starts a server in the empty folder `dir`. `None`: PostgreSQL is not installed here.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(dir: &Path, disk: Disk) -> Result<Option<Self>, StoreError> {
        let Some(programs) = Self::programs() else { return Ok(None) };
        #[cfg(unix)]
        if is_root() {
            std::os::unix::fs::chown(dir, Some(NOBODY), Some(NOBODY)).map_err(failed)?;
        }
        let made = as_user(&programs.join("initdb"), dir)
            .args(["--username=smilepay", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(dir.join("data"))
            .stdout(Stdio::null())
            .output()
            .map_err(failed)?;
        if !made.status.success() {
            return Err(StoreError::Internal(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        let server = Mutex::new(launch(&programs, dir, disk)?);
        let cluster = Self { dir: dir.to_owned(), programs, disk, server, databases: AtomicU32::new(0) };
        cluster.wait_until_it_answers()?;
        Ok(Some(cluster))
    }

    /// The address of one of its databases.
    ///
    /// # Errors
    /// The folder's name cannot stand in an address.
    pub fn location(&self, database: &str) -> Result<Location, StoreError> {
        self.address(database).parse().map_err(StoreError::Internal)
    }

    /// As [`Cluster::location`], to be handed to another process.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://smilepay@/{database}?host={}", self.dir.display())
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn new_database(&self) -> Result<Location, StoreError> {
        self.location(&self.new_name()?)
    }

    /// Makes an empty database; answers its name.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn new_name(&self) -> Result<String, StoreError> {
        let name = format!("store_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.administer(&format!("CREATE DATABASE {name}"))?;
        Ok(name)
    }

    /// Kills the server as a power cut would (SIGKILL), and starts it again after `pause`.
    ///
    /// # Errors
    /// It does not start again.
    pub fn kill_and_restart(&self, pause: Duration) -> Result<(), StoreError> {
        {
            let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
            server.kill().and_then(|()| server.wait()).map_err(failed)?;
            std::thread::sleep(pause);
        }
        self.wait_until_it_answers()
    }

    /// Transactions per second of PostgreSQL's own benchmark on a database of this server (`pgbench -N`: an update of
    /// one account and an insert). `None` where the program is missing or fails.
    pub fn pgbench(&self, clients: usize, seconds: u64) -> Option<f64> {
        self.administer("CREATE DATABASE pgbench").ok()?;
        let beside = self.programs.join("pgbench");
        let pgbench = if beside.is_file() { beside } else { PathBuf::from("pgbench") };
        let ask = |arguments: &[&str]| {
            let mut command = as_user(&pgbench, &self.dir);
            let ended = command.arg("-h").arg(&self.dir).args(["-U", "smilepay"]).args(arguments).output().ok()?;
            ended.status.success().then(|| String::from_utf8_lossy(&ended.stdout).into_owned())
        };
        ask(&["-i", "-q", "-s", "10", "pgbench"])?;
        let (clients, seconds) = (clients.min(80).to_string(), seconds.to_string());
        let told = ask(&["-N", "-c", &clients, "-j", "2", "-T", &seconds, "pgbench"])?;
        let rest = told.split("tps = ").nth(1)?;
        rest.split_ascii_whitespace().next()?.parse().ok()
    }

    fn wait_until_it_answers(&self) -> Result<(), StoreError> {
        let since = Instant::now();
        loop {
            match self.administer("SELECT 1") {
                Ok(()) => return Ok(()),
                Err(error) if since.elapsed() > START => return Err(error),
                Err(_) => std::thread::sleep(limits::CLUSTER_POLL),
            }
            let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
            // After a kill it refuses to start while a process of the old server still ends.
            if server.try_wait().map_err(failed)?.is_some() {
                *server = launch(&self.programs, &self.dir, self.disk)?;
            }
        }
    }

    fn administer(&self, sql: &str) -> Result<(), StoreError> {
        let location = self.location("postgres")?;
        let work = || match &location {
            Location::Postgres(address) => {
                let session = PostgresConnection::open(address.clone(), Role::Reader, Duration::ZERO)?;
                let session = Connection::Postgres(Box::new(session));
                session.script("SET default_transaction_read_only = off")?;
                session.script(sql)
            }
            Location::File(_) => Ok(()),
        };
        std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or(Err(StoreError::Closed))
    }

    /// Ends the server at once.
    pub fn stop(&self) {
        let mut stop = as_user(&self.programs.join("pg_ctl"), &self.dir);
        stop.args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.dir.join("data"));
        let stopped = stop.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        if !stopped {
            let _ = server.kill();
        }
        let _ = server.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

fn launch(programs: &Path, dir: &Path, disk: Disk) -> Result<Child, StoreError> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(dir.join("log")).map_err(failed)?;
    as_user(&programs.join("postgres"), dir)
        .arg("-D")
        .arg(dir.join("data"))
        .arg("-k")
        .arg(dir)
        .args(["-c", "listen_addresses=", "-c", "max_connections=100", "-c", "synchronous_commit=on"])
        .args(["-c", if disk == Disk::Synced { "fsync=on" } else { "fsync=off" }])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(log))
        .spawn()
        .map_err(failed)
}

/// A command as this user, or as nobody where this user is root.
fn as_user(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env("LC_ALL", "C");
    #[cfg(unix)]
    if is_root() {
        use std::os::unix::process::CommandExt as _;
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn failed(error: io::Error) -> StoreError {
    StoreError::Internal(format!("the database server cannot be started: {error}"))
}
