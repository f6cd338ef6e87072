//! A real capture against the running, hardened binary; then no frame of it is in the data directory or in the memory of the
//! process (which is what a core dump holds). The operator's commands talk to the same server.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may; the helpers here are part of them"
)]
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aho_corasick::AhoCorasick;
use face::{DecodeLimits, Picture};

const SMILEPAY: &str = env!("CARGO_BIN_EXE_smilepay");
/// Long enough that a hit by chance is out of the question.
const PIECE: usize = 24;
/// Pixels of a decoded run.
const RUN: usize = 16;
/// Read at once; pieces across a border are found because reads overlap.
const CHUNK: usize = 4 << 20;

struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(dir: &Path) -> Server {
    let mut child = Command::new(SMILEPAY)
        .args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--data-dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().last().unwrap_or_default().to_owned();
    assert!(url.starts_with("http"), "{line}");
    Server { child, url }
}

/// What must not be found, each with the kind that it is of.
#[derive(Default)]
struct Needles {
    pieces: Vec<Vec<u8>>,
    kinds: Vec<&'static str>,
}

impl Needles {
    fn add(&mut self, kind: &'static str, piece: Option<&[u8]>) {
        // Flat places (a black border) are in every memory.
        let varied = |piece: &&[u8]| piece.iter().collect::<std::collections::HashSet<_>>().len() >= 10;
        if let Some(piece) = piece.filter(varied) {
            self.pieces.push(piece.to_vec());
            self.kinds.push(kind);
        }
    }

    fn of_frame(&mut self, jpeg: &[u8], picture: &Picture) {
        for quarter in 1..4 {
            let at = jpeg.len() * quarter / 4;
            self.add("JPEG", jpeg.get(at..at + PIECE));
        }
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let luma = picture.luma_small(640).unwrap().0;
        for tenth in [3, 4, 5, 6] {
            let row = height * tenth / 10;
            let at = (row * width + width / 2) * 3;
            self.add("decoded", picture.rgb().get(at..at + 3 * RUN));
            let at = (luma.height() as usize * tenth / 10) * luma.width() as usize + luma.width() as usize / 2;
            self.add("grey", luma.data().get(at..at + 2 * RUN));
        }
    }

    fn finder(&self) -> AhoCorasick {
        AhoCorasick::new(&self.pieces).unwrap()
    }

    fn found(&self, finder: &AhoCorasick, bytes: &[u8], hits: &mut Vec<&'static str>) {
        hits.extend(finder.find_iter(bytes).filter_map(|hit| self.kinds.get(hit.pattern().as_usize())));
    }
}

/// Kinds of pieces in the writable memory of a process: what a core dump would hold.
fn in_memory(pid: u32, needles: &Needles) -> (usize, Vec<&'static str>) {
    let (finder, mut hits, mut read) = (needles.finder(), Vec::new(), 0);
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut chunk = vec![0; CHUNK];
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        let mut at = from;
        while at < to {
            let size = usize::try_from(to - at).unwrap().min(CHUNK);
            let part = chunk.get_mut(..size).unwrap();
            // A page that was given back meanwhile cannot be read.
            if memory.seek(SeekFrom::Start(at)).and_then(|_| memory.read_exact(part)).is_ok() {
                needles.found(&finder, part, &mut hits);
                read += size;
            }
            at += if size == CHUNK { (CHUNK - 4 * PIECE) as u64 } else { size as u64 };
        }
    }
    (read, hits)
}

fn in_files(dir: &Path, needles: &Needles, finder: &AhoCorasick, hits: &mut Vec<&'static str>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_files(&path, needles, finder, hits);
        } else {
            needles.found(finder, &std::fs::read(&path).unwrap(), hits);
        }
    }
}

fn run(args: &[&str], dir: &Path) -> String {
    let out = Command::new(SMILEPAY).args(args).arg("--data-dir").arg(dir).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&out.stderr));
    said
}

#[test]
fn after_a_capture_no_frame_is_in_the_data_directory_or_in_memory() {
    let home = tempfile::tempdir().unwrap();
    let (dir, kept) = (home.path().join("data"), home.path().join("frames"));
    let server = serve(&dir);
    let pid = server.child.id();
    let played = Command::new(SMILEPAY)
        .args(["demo", "--speed", "0.5", "--server", &server.url, "--shop-key"])
        .arg(dir.join("demo-shop.key"))
        .arg("--keep-frames")
        .arg(&kept)
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&played.stdout));
    // A busy machine may make it a retake: the frames were there all the same.
    let code = played.status.code();
    assert!(matches!(code, Some(0 | 3 | 4)), "{code:?}: {}", String::from_utf8_lossy(&played.stderr));

    let mut needles = Needles::default();
    let mut frames = Vec::new();
    for entry in std::fs::read_dir(&kept).unwrap() {
        let jpeg = std::fs::read(entry.unwrap().path()).unwrap();
        let picture = Picture::decode(&jpeg, &DecodeLimits::frame()).unwrap();
        needles.of_frame(&jpeg, &picture);
        if frames.is_empty() {
            frames.push((jpeg, picture.luma_small(640).unwrap().0, picture));
        }
    }
    let count = std::fs::read_dir(&kept).unwrap().count();
    assert!(count >= 30 && needles.pieces.len() > 5 * count, "{count} frames, {} pieces", needles.pieces.len());

    // The search finds what is there: in the memory of this very process, which holds a frame.
    let (_, own) = in_memory(std::process::id(), &needles);
    for kind in ["JPEG", "decoded", "grey"] {
        assert!(own.contains(&kind), "the search must find {kind}");
    }
    drop(frames);

    // Sockets are closed by now; their buffers are given back within a moment.
    std::thread::sleep(Duration::from_secs(2));
    let (read, hits) = in_memory(pid, &needles);
    println!("{count} frames, {} pieces looked for in {} MB of memory", needles.pieces.len(), read >> 20);
    assert!(read > 50 << 20, "the memory was read: {read}");
    assert_eq!(hits, Vec::<&str>::new(), "in memory");
    let mut hits = Vec::new();
    in_files(&dir, &needles, &needles.finder(), &mut hits);
    assert_eq!(hits, Vec::<&str>::new(), "in the data directory");

    // What the process gave up, as the kernel sees it.
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned());
    if field("Seccomp:").is_some() {
        assert_eq!(field("Seccomp:").as_deref(), Some("2"), "a filter is in force");
        assert_eq!(field("NoNewPrivs:").as_deref(), Some("1"));
    }

    // The operator's commands beside the running server, which does what they ask within its new limits.
    let list = run(&["keys", "list", "--json"], &dir);
    assert!(list.contains("\"rotating\":false"), "{list}");
    let rotated = run(&["keys", "rotate"], &dir);
    assert!(rotated.contains("have new keys"), "{rotated}");
    let swept = run(&["privacy", "sweep"], &dir);
    assert!(swept.contains("0 unused templates"), "{swept}");
}

#[test]
fn a_hardened_process_cannot_do_what_it_gave_up() {
    let dir = tempfile::tempdir().unwrap();
    for live in [&["hardening", "--json"][..], &["hardening", "--json", "--live"]] {
        let found: serde_json::Value = serde_json::from_str(&run(live, &dir.path().join("data"))).unwrap();
        println!("{found}");
        let tried = found["tried"].as_array().unwrap();
        assert!(tried.len() >= 7 && found["holds"] == true);
        for one in tried {
            // What this kernel lacks was said, and then nothing is expected of it.
            assert_ne!(one["as_expected"], false, "{one}");
        }
        let limits_hold = tried.iter().any(|t| t["protection"] == "no core dumps" && t["as_expected"] == true);
        assert!(limits_hold, "every Linux has resource limits");
    }
}
