//! Where the rows of a payment live: with the payer or with the merchant (`store/src/shard.rs`).
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

mod suite;

use base::MerchantId;
use rusqlite::Connection;
use store::NewMerchant;
use suite::common::{NOW, World};

fn last(id: &uuid::Uuid) -> i64 {
    i64::from(id.as_bytes()[15])
}

#[tokio::test]
async fn the_rows_of_a_payment_live_with_their_owners() {
    let mut world = World::new().await;
    // A merchant far from the payer, with somebody who listens.
    let id = uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00e7);
    world.merchant = MerchantId::from_uuid(id);
    world.store.create_merchant(NewMerchant { id: world.merchant, name: "Far shop".into() }, NOW).await.unwrap();
    let endpoint = base::WebhookEndpointId::from_uuid(uuid::Uuid::from_u128(1));
    let (url, kinds) = ("https://example.org".into(), String::new());
    let new = store::NewWebhookEndpoint { id: endpoint, url, kinds, secret: vec![1; 32] };
    world.store.create_webhook_endpoint(world.merchant, new, NOW).await.unwrap();
    let paid = world.pay(500).await.unwrap();
    let new = world.refund(paid.intent.id, Some(200));
    world.store.refund(new, NOW.plus(base::Span::seconds(1))).await.unwrap();
    world.books_are_sound().await;
    let (payer, merchant) = (last(world.payer.as_uuid()), last(world.merchant.as_uuid()));
    assert_ne!(payer, merchant);
    let rows = Connection::open(world.path()).unwrap();
    let shards = |from: &str| -> Vec<i64> {
        let mut found = rows.prepare(&format!("SELECT DISTINCT shard FROM {from} ORDER BY shard")).unwrap();
        found.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for table in ["payers", "authentications", "receipts", "notices", "ledger_accounts WHERE kind = 'wallet'"] {
        assert_eq!(shards(table), [payer], "{table}");
    }
    for table in ["intents", "refunds", "events", "deliveries", "ledger_accounts WHERE kind = 'merchant_available'"] {
        assert_eq!(shards(table), [merchant], "{table}");
    }
    let both = [payer.min(merchant), payer.max(merchant)];
    assert_eq!(shards("transfers WHERE kind = 'payment'"), [payer]);
    assert_eq!(shards("transfers WHERE kind = 'refund'"), [merchant]);
    let lines = "entries WHERE transfer IN (SELECT id FROM transfers WHERE kind IN ('payment', 'refund'))";
    assert_eq!(shards(lines), both);
    assert_eq!(shards("audit WHERE kind = 'payment.succeeded'"), [payer]);
    assert_eq!(shards("audit WHERE kind = 'intent.created'"), [merchant]);
    // The chains of the two go on without each other.
    let places: Vec<(i64, i64)> = {
        let sql = "SELECT shard, max(place) FROM audit GROUP BY shard / 8 ORDER BY shard";
        rows.prepare(sql)
            .unwrap()
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    };
    assert!(places.len() >= 2, "{places:?}");
}
