use super::*;
use crate::testkit::Kit;
use crate::{FileState, Silent, fetch};
use std::fs;

fn fetched() -> Kit {
    let kit = Kit::new();
    for group in Group::ALL {
        fetch::fetch_with(&kit.manifest, group, &kit.cache, &kit.registry, &mut Silent).unwrap();
    }
    kit
}

fn packed(kit: &Kit) -> PathBuf {
    let out = kit.folder.path().join("bundle.tar");
    let groups = pack(&kit.manifest, &kit.cache, &out, &mut Silent).unwrap();
    assert_eq!(groups, [Group::Core, Group::Portraits], "the groups of the kit's manifest");
    out
}

/// Unpacks into an empty cache beside the kit's.
fn unpack_fresh(kit: &Kit, bundle: &Path) -> (Cache, Result<Vec<Group>, ModelsError>) {
    let cache = Cache::at(kit.folder.path().join("fresh"));
    let done = unpack(&kit.manifest, &cache, bundle, &mut Silent);
    (cache, done)
}

fn nothing_kept(kit: &Kit, cache: &Cache) {
    for line in fetch::list(&kit.manifest, cache) {
        assert_eq!(line.state, FileState::Missing, "{}", line.item.file);
    }
    let left: Vec<_> = fs::read_dir(cache.root()).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "only the lock: {left:?}");
}

/// A tar of raw entries; the name is written as it is, however evil.
fn tar_of(kit: &Kit, entries: &[(&[u8], tar::EntryType, &[u8])]) -> PathBuf {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if *kind == tar::EntryType::Symlink {
            header.as_old_mut().linkname[..4].copy_from_slice(b"/etc");
        }
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    let path = kit.folder.path().join("evil.tar");
    fs::write(&path, tar.into_inner().unwrap()).unwrap();
    path
}

#[test]
fn a_bundle_fills_another_cache() {
    let kit = fetched();
    let bundle = packed(&kit);
    let (cache, done) = unpack_fresh(&kit, &bundle);
    assert_eq!(done.unwrap(), [Group::Core, Group::Portraits]);
    let files = cache.model_files(&kit.manifest).unwrap();
    assert!(files.openvino_dir.join("libopenvino_c.so").exists());
    assert!(cache.portrait_files(&kit.manifest).unwrap().get("obama.jpg").is_some());
    // Ready without any download.
    let before = kit.registry.downloads.get();
    fetch::fetch_with(&kit.manifest, Group::Core, &cache, &kit.registry, &mut Silent).unwrap();
    assert_eq!(kit.registry.downloads.get(), before);
}

#[test]
fn the_same_files_give_the_same_bundle() {
    let kit = fetched();
    let first = fs::read(packed(&kit)).unwrap();
    assert_eq!(first, fs::read(packed(&kit)).unwrap());
}

#[test]
fn a_bundle_is_not_made_of_missing_or_damaged_files() {
    let kit = fetched();
    let out = kit.folder.path().join("bundle.tar");
    let path = kit.cache.files().join("sface.onnx");
    fs::write(&path, b"THE bytes of sface.onnx").unwrap();
    let error = pack(&kit.manifest, &kit.cache, &out, &mut Silent).unwrap_err();
    assert!(matches!(error, ModelsError::WrongHash { .. }));
    fs::remove_file(&path).unwrap();
    let error = pack(&kit.manifest, &kit.cache, &out, &mut Silent).unwrap_err();
    assert!(matches!(error, ModelsError::NotFetched { .. }));
    assert!(!out.exists());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let kit = fetched();
    let good: &[u8] = b"the bytes of sface.onnx";
    let file = tar::EntryType::Regular;
    let names: [&[u8]; 6] = [
        b"../sface.onnx",
        b"/tmp/sface.onnx",
        b"openvino/../sface.onnx",
        b"./sface.onnx",
        b"unknown.onnx",
        b"\xff\xfe",
    ];
    for name in names {
        let bundle = tar_of(&kit, &[(b"sface.onnx", file, good), (name, file, good)]);
        let (cache, done) = unpack_fresh(&kit, &bundle);
        assert!(matches!(done, Err(ModelsError::Bundle(_))), "{name:?}: {done:?}");
        nothing_kept(&kit, &cache);
    }
    assert!(!kit.folder.path().join("sface.onnx").exists());
}

#[test]
fn links_and_folders_are_refused() {
    let kit = fetched();
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Directory] {
        let bundle = tar_of(&kit, &[(b"sface.onnx", kind, b"")]);
        let (cache, done) = unpack_fresh(&kit, &bundle);
        assert!(matches!(done, Err(ModelsError::Bundle(_))), "{kind:?}: {done:?}");
        nothing_kept(&kit, &cache);
    }
}

#[test]
fn wrong_content_is_refused() {
    let kit = fetched();
    let file = tar::EntryType::Regular;
    let bundle = tar_of(&kit, &[(b"sface.onnx", file, b"THE bytes of sface.onnx")]);
    let (cache, done) = unpack_fresh(&kit, &bundle);
    let said = done.unwrap_err().to_string();
    assert!(said.contains("sface.onnx is not the file"), "{said}");
    nothing_kept(&kit, &cache);
    let good: &[u8] = b"the bytes of sface.onnx";
    let longer = [good, b"."].concat();
    let twice: &[(&[u8], tar::EntryType, &[u8])] = &[(b"sface.onnx", file, good), (b"sface.onnx", file, good)];
    for entries in [twice, &[(b"sface.onnx", file, &longer)], &[]] {
        let (cache, done) = unpack_fresh(&kit, &tar_of(&kit, entries));
        assert!(matches!(done, Err(ModelsError::Bundle(_))), "{done:?}");
        nothing_kept(&kit, &cache);
    }
}

#[test]
fn a_cut_bundle_is_refused() {
    let kit = fetched();
    let bundle = packed(&kit);
    let bytes = fs::read(&bundle).unwrap();
    for length in [100, 600, 2_000] {
        fs::write(&bundle, &bytes[..length]).unwrap();
        let (cache, done) = unpack_fresh(&kit, &bundle);
        assert!(matches!(done, Err(ModelsError::Bundle(_))), "{length}: {done:?}");
        nothing_kept(&kit, &cache);
    }
}

#[test]
fn a_part_of_the_files_completes_no_group() {
    let kit = fetched();
    let good: &[u8] = b"the bytes of sface.onnx";
    let bundle = tar_of(&kit, &[(b"sface.onnx", tar::EntryType::Regular, good)]);
    let (cache, done) = unpack_fresh(&kit, &bundle);
    assert_eq!(done.unwrap(), []);
    assert!(cache.model_files(&kit.manifest).is_err());
    assert_eq!(fs::read(cache.files().join("sface.onnx")).unwrap(), good);
}
