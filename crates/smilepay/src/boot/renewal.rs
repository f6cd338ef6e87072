//! New keys for everybody, and the retention clock, on both engines.

use std::sync::Arc;

use base::{Method, Span};
use decide::{KeptDays, RetentionPolicy};
use store::TemplateState;
use store::load::{Cluster, Disk};
use vault::{Label, SealedTemplate, VaultError};

use super::DataDirArgs;
use super::enrolled::{NOW, data, enrolled, features, found, needles};
use super::keys::{self, Rooms};

/// Runs on a file and, where PostgreSQL is installed, on a server.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(DataDirArgs) -> F) {
    let dir = tempfile::tempdir().unwrap();
    test(data(dir.path())).await;
    let home = tempfile::tempdir().unwrap();
    let Some(cluster) = Cluster::start(home.path(), Disk::Unsynced).unwrap() else {
        return println!("PostgreSQL is not installed here (no initdb): its half was left out");
    };
    let dir = tempfile::tempdir().unwrap();
    let database = Some(cluster.new_database().unwrap());
    test(DataDirArgs { database, ..data(dir.path()) }).await;
    cluster.stop();
}

async fn sealed(rooms: &Rooms, label: &Label) -> SealedTemplate {
    let row = rooms.store.active_template(label.account, Method::Face).await.unwrap().unwrap();
    SealedTemplate::from_bytes(row.sealed).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_renews_every_template_and_the_old_forms_are_dead() {
    on_both(|data| async move {
        let rooms = keys::open(&data).unwrap();
        let mut old = Vec::new();
        for n in 1..=5 {
            let label = enrolled(&rooms, n).await;
            old.push((label, sealed(&rooms, &label).await));
        }
        // Keys without a row, as an enrolment that was cut off leaves them.
        let lost = super::enrolled::label(90);
        let lost_form = rooms.vault.seal(&lost, &features(90)).unwrap();
        let old_bytes = needles(&rooms, &data.dir().unwrap(), &old[0].0).await;
        let Rooms { vault, store, .. } = rooms;
        let (vault, mut heard) = (Arc::new(vault), Vec::new());
        let rotating = service::rotate_keys(&store, &vault, || NOW, true, |r| heard.push((r.done, r.total)));
        assert_eq!(rotating.await.unwrap(), 6);
        assert_eq!(heard, [(6, 6)]);
        assert_eq!(vault.rotation().unwrap(), None);
        assert!(vault.with_template(&lost, &lost_form, |_| ()).is_ok());
        for (label, before) in &old {
            assert!(matches!(vault.with_template(label, before, |_| ()), Err(VaultError::Tampered)));
            let row = store.active_template(label.account, Method::Face).await.unwrap().unwrap();
            let now = SealedTemplate::from_bytes(row.sealed).unwrap();
            let n = label.account.as_uuid().as_u128();
            assert!((vault.compare(label, &now, &features(n)).unwrap().cosine - 1.0).abs() < 1e-4);
        }
        if data.database.is_none() {
            assert_eq!(found(&data.dir().unwrap(), &old_bytes), [], "no byte of old keys or forms is left");
        }
        assert!(store.verify_audit().await.unwrap().is_intact());
        // A second one has nothing to go on with and renews everything again.
        assert_eq!(service::rotate_keys(&store, &vault, || NOW, true, |_| ()).await.unwrap(), 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_used_is_erased_with_a_receipt_when_its_time_is_over() {
    on_both(|data| async move {
        let Rooms { vault, store, .. } = keys::open(&data).unwrap();
        let rooms = Rooms { vault, store, token_key: [0; 32], shop_key_file: "unused".into() };
        let mut labels = Vec::new();
        for n in 1..=3 {
            labels.push(enrolled(&rooms, n).await);
        }
        let Rooms { vault, store, .. } = rooms;
        let vault = Arc::new(vault);
        let policy = RetentionPolicy { payment: KeptDays { face: 40, ..KeptDays::default() } };
        let sweep = |days| service::sweep_unused(&store, &vault, &policy, NOW.plus(Span::days(days)));
        assert_eq!(sweep(40).await.unwrap(), 0, "not before the time is over");
        // One of them withdrew, which ends no time; one was erased by its payer, which leaves nothing to sweep.
        let proof = vault.erase(labels[0].template, NOW).unwrap();
        let receipt = serde_json::to_string(&vault.receipt(&proof, Method::Face).unwrap()).unwrap();
        let proof = serde_json::to_string(&proof).unwrap();
        let (account, id) = (labels[0].account, labels[0].template);
        store.erase_template(account, id, proof, receipt, store::ErasedBecause::Asked, NOW).await.unwrap();
        assert_eq!(sweep(41).await.unwrap(), 2);
        assert_eq!(sweep(41).await.unwrap(), 0);
        for label in &labels[1..] {
            let kept = store.template(label.account, label.template).await.unwrap().unwrap();
            assert_eq!(kept.state, TemplateState::Erased);
            let receipt: vault::ErasureReceipt = serde_json::from_str(&kept.receipt.unwrap()).unwrap();
            assert_eq!(receipt.verify(Some(vault.receipt_key().unwrap())), Ok(()));
            let notices = store.notices(label.account).await.unwrap();
            assert!(notices.iter().any(|n| n.kind == "method.unused"), "the payer is told");
            let consents = store.consents(label.account).await.unwrap();
            assert!(consents.iter().all(|c| c.withdrawn_at.is_some()));
        }
        assert_eq!(vault.live_keys(), 0);
    })
    .await;
}
