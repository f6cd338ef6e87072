//! What an erasure leaves on a PostgreSQL server: ciphertext without a key, until the server's own housekeeping.

use std::process::Command;

use base::Method;
use store::load::{Cluster, Disk};
use vault::{SealedTemplate, VaultError};

use super::DataDirArgs;
use super::enrolled::{data, enrolled, found, sealed_needles, secret_needles};
use super::keys;
use super::restore::erase;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_erasure_only_ciphertext_without_a_key_is_left_on_the_server() {
    let (home, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(cluster) = Cluster::start(home.path(), Disk::Unsynced).unwrap() else {
        return println!("PostgreSQL is not installed here (no initdb): left out");
    };
    let name = cluster.new_name().unwrap();
    let database = Some(cluster.location(&name).unwrap());
    let rooms = keys::open(&DataDirArgs { database, ..data(dir.path()) }).unwrap();
    let mut labels = Vec::new();
    for n in 1..=20 {
        labels.push(enrolled(&rooms, n).await);
    }
    let gone = labels[7];
    let row = rooms.store.active_template(gone.account, Method::Face).await.unwrap().unwrap();
    let sealed = SealedTemplate::from_bytes(row.sealed).unwrap();
    let (forms, secrets) = (sealed_needles(&rooms, &gone).await, secret_needles(dir.path(), &gone));
    let count = || found(home.path(), &forms).iter().map(|(_, n)| n).sum::<usize>();
    sql(&cluster, &name, "CHECKPOINT");
    assert!(count() > 20, "the search must find what is there");
    assert_eq!(found(home.path(), &secrets), [], "no key and no plain vector ever was on the server");
    assert!(!found(dir.path(), &secrets).is_empty());

    erase(&rooms, &gone).await;
    // The row is gone for everybody who asks, the keys are gone for good: what is left opens nothing.
    assert!(rooms.store.active_template(gone.account, Method::Face).await.unwrap().is_none());
    assert_eq!(rooms.store.sealed_forms(vec![gone.template]).await.unwrap().len(), 0);
    assert_eq!(found(dir.path(), &secrets), []);
    assert!(matches!(rooms.vault.with_template(&gone, &sealed, |_| ()), Err(VaultError::Erased { .. })));
    let after = count();
    // What SECURITY.md tells the operator to let run.
    sql(&cluster, &name, "VACUUM (FULL) templates");
    sql(&cluster, &name, "CHECKPOINT");
    let vacuumed: usize = found(home.path(), &forms).iter().filter(|(path, _)| !is_log(path)).map(|(_, n)| n).sum();
    println!(
        "pieces of 16 bytes of the sealed form, of {}: {after} after the erasure, {} after VACUUM FULL ({vacuumed} outside of the write-ahead log)",
        forms.len(),
        count()
    );
    assert_eq!(vacuumed, 0, "only the write-ahead log may still hold the ciphertext");
    cluster.stop();
}

fn is_log(path: &std::path::Path) -> bool {
    path.components().any(|part| part.as_os_str() == "pg_wal")
}

fn sql(cluster: &Cluster, database: &str, statement: &str) {
    let beside = Cluster::programs().unwrap().join("psql");
    let psql = if beside.is_file() { beside } else { "psql".into() };
    let ran = Command::new(psql).args(["-d", &cluster.address(database), "-c", statement]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
