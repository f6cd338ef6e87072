//! `smilepay audit`: an untouched log, a proof, every kind of tampering, a database put back.

use serde_json::{Value, json};

use crate::common::{Place, smilepay};

#[tokio::test]
async fn an_untouched_log_is_intact_and_one_entry_is_proven_by_the_key_alone() {
    let place = Place::with_payments(3).await;
    let verified = place.says(&["audit", "verify"]);
    verified.means(0, "9 entries in 1 chains");
    verified.means(0, "the chains are intact");
    let told = place.says(&["audit", "verify", "--json"]).json();
    assert_eq!((&told["intact"], &told["report"]["key_pinned"]), (&json!(true), &json!(true)));

    let key = place.says(&["audit", "key"]).out.trim().to_owned();
    assert!(key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
    let shown = place.says(&["audit", "prove", "5"]);
    let proof = shown.json();
    assert_eq!(proof["entry"]["kind"], "payment.succeeded");
    assert!(!shown.out.contains("ada@example.org") && !shown.out.contains("Ada"), "no personal data");
    let file = place.file("proof.json", &shown.out);
    let check = |file: &str, key: &str| smilepay(&["audit", "verify-proof", file, "--key", key]);
    let held = check(&file, &key);
    held.means(0, "payment.succeeded");
    held.means(0, "the proof holds: it was in the log when 9 entries were signed");
    let as_json = smilepay(&["audit", "verify-proof", &file, "--key", &key, "--json"]);
    assert_eq!((as_json.code, as_json.json()["holds"].clone()), (0, json!(true)));

    let changed = |change: &dyn Fn(&mut Value)| {
        let mut other = proof.clone();
        change(&mut other);
        check(&place.file("changed.json", &other.to_string()), &key)
    };
    let detail = proof["entry"]["detail"].as_str().unwrap().replace("\"amount\":500", "\"amount\":5");
    assert_ne!(proof["entry"]["detail"], detail);
    changed(&|p| p["entry"]["detail"] = json!(detail)).means(1, "the proof does not hold");
    changed(&|p| p["entry"]["at"] = json!(1)).means(1, "the proof does not hold");
    changed(&|p| p["entries"] = json!(10)).means(1, "the proof does not hold");
    changed(&|p| p["path"] = json!([])).means(1, "is not written as one");
    changed(&|p| p["signature"] = json!("00".repeat(64))).means(1, "the proof does not hold");
    let another = Place::empty().says(&["audit", "key"]).out;
    check(&file, another.trim()).means(1, "another key signed");
}

#[tokio::test]
async fn what_cannot_be_told_is_said_in_words_and_ends_with_2() {
    let place = Place::with_payments(1).await;
    let key = "00".repeat(32);
    let nothing = place.path("nothing").to_str().unwrap().to_owned();
    place.says(&["audit", "prove", "999"]).means(2, "there is no such");
    place.says(&["audit", "prove", "five"]).means(2, "invalid value 'five'");
    place.says(&["audit", "verify", "--against", &nothing]).means(2, "No such file");
    smilepay(&["audit", "verify-proof", &nothing, "--key", &key]).means(2, "No such file");
    let letter = place.file("letter.json", "Dear Sirs,");
    smilepay(&["audit", "verify-proof", &letter, "--key", &key]).means(2, "letter.json: expected");
    smilepay(&["audit", "verify-proof", &letter, "--key", "abc"]).means(2, "64");
    let long = place.file("long.json", &" ".repeat(5 << 20));
    smilepay(&["audit", "verify-proof", &long, "--key", &key]).means(2, "too long");
    place.says(&["audit", "verify", "--database", "mysql://x"]).means(2, "--database");
    smilepay(&["audit", "verify", "--data-dir", &nothing]).means(2, "key");
    smilepay(&["audit"]).means(2, "Usage");
    Place::empty().says(&["audit", "verify"]).means(2, "smilepay.db");
}

#[tokio::test]
async fn every_kind_of_tampering_by_hand_is_found_and_located() {
    let place = Place::with_payments(3).await;
    let found = |sql: &str, word: &str| {
        let said = place.says_after(sql, &["audit", "verify"]);
        said.means(1, word);
        said.means(1, "the chains were changed");
    };
    place.says_after("", &["audit", "verify"]).means(0, "the chains are intact");
    found("UPDATE audit SET detail = replace(detail, '500', '5') WHERE seq = 5", "entry 5 was changed or moved");
    found("UPDATE audit SET kind = 'payment.refused' WHERE seq = 7", "entry 7 was changed or moved");
    found("UPDATE audit SET at = at - 1 WHERE seq = 1", "entry 1 was changed or moved");
    found("DELETE FROM audit WHERE seq = 4", "entries of the same chain before 5 are gone");
    found("DELETE FROM audit WHERE seq > 7", "chain 0: its entries 8 to 9 were cut off");
    found(
        "INSERT INTO audit (seq, at, kind, subject, detail, hash, shard, place) \
         SELECT 10, at, kind, subject, detail, hash, shard, 10 FROM audit WHERE seq = 9",
        "entry 10 was changed or moved",
    );
    // A checkpoint of somebody who has no key, and one whose heads were moved on.
    found("UPDATE audit_checkpoints SET signature = randomblob(64)", "the signature at entry 9 does not fit");
    found("UPDATE audit_checkpoints SET heads = zeroblob(length(heads))", "the signature at entry 9 does not fit");
    found("UPDATE audit_head SET hash = zeroblob(32)", "the signature at entry 9 does not fit");
    found("UPDATE audit_head SET public_key = randomblob(32)", "signed with another installation's key");
    found("DELETE FROM audit_head; DELETE FROM audit_checkpoints", "no signature covers the entries from 1 on");
    let told = place.says_after("UPDATE audit SET detail = '{}' WHERE seq = 5", &["audit", "verify", "--json"]);
    assert_eq!(told.json()["report"]["tampering"], json!([{"kind": "changed", "seq": 5}]));
}

/// Somebody who knows the schema takes the triggers off and makes all rows fit: the sums add up, the log does not.
#[tokio::test]
async fn a_payment_that_was_changed_in_all_its_rows_shows_against_the_log() {
    let place = Place::with_payments(3).await;
    place.says(&["audit", "verify"]).means(0, "the books are as they tell");
    let free = "DROP TRIGGER transfers_settle_once; DROP TRIGGER entries_stay; DROP TRIGGER entries_never_go; \
                DROP TRIGGER intents_terms_stay; CREATE TEMP TABLE x AS SELECT min(id) AS id FROM transfers \
                WHERE kind = 'payment';";
    let moved = |minor: i64| {
        format!(
            "UPDATE ledger_accounts SET posted = posted + {minor} WHERE kind = 'wallet'; \
             UPDATE ledger_accounts SET posted = posted - {minor} WHERE kind = 'merchant_available';"
        )
    };
    let found = |sql: &str, word: &str| {
        let sql = format!("{free}{sql}");
        place.says_after(&sql, &["ledger", "check"]).means(0, "all books add up");
        let said = place.says_after(&sql, &["audit", "verify"]);
        said.means(1, word);
        said.means(1, "the chains are intact, and the books are not as they tell");
    };
    let less = "UPDATE transfers SET amount = 5, posted = 5 WHERE id IN x; \
                UPDATE entries SET minor = minor / 100 WHERE transfer IN x; \
                UPDATE intents SET amount = 5, captured = 5 WHERE transfer IN x;";
    found(&format!("{less}{}", moved(495)), "as entry 5 tells of it");
    let gone = "DELETE FROM entries WHERE transfer IN x; DELETE FROM transfers WHERE id IN x; \
                UPDATE intents SET status = 'canceled', transfer = NULL WHERE transfer IN x;";
    found(&format!("{gone}{}", moved(500)), "as entry 5 tells of it");
    let another = "INSERT INTO ledger_accounts (id, kind, owner, currency, posted) \
                   SELECT randomblob(16), kind, owner, 'EUR', 500 FROM ledger_accounts WHERE kind = 'merchant_available'; \
                   CREATE TEMP TABLE y AS SELECT id FROM ledger_accounts WHERE kind = 'merchant_available' \
                   AND posted = 500; \
                   UPDATE ledger_accounts SET posted = posted - 500 WHERE kind = 'merchant_available' AND posted > 500; \
                   UPDATE entries SET account = (SELECT id FROM y) WHERE transfer IN x AND minor > 0; \
                   UPDATE transfers SET payee = (SELECT id FROM y) WHERE id IN x;";
    found(another, "as entry 5 tells of it");
    let made_up = "CREATE TEMP TABLE n AS SELECT randomblob(16) AS id; \
                   INSERT INTO transfers SELECT (SELECT id FROM n), payer, payee, amount, currency, state, posted, created_at, \
                   expires_at, kind, source, shard FROM transfers WHERE id IN x; \
                   INSERT INTO entries (transfer, account, minor, at, shard) SELECT (SELECT id FROM n), account, minor, at, \
                   shard FROM entries WHERE transfer IN x;";
    found(&format!("{made_up}{}", moved(-500)), "which is in the books");
}

#[tokio::test]
async fn a_database_put_back_or_exchanged_shows_against_what_was_kept_elsewhere() {
    let mut place = Place::with_payments(2).await;
    let (now, before) = (place.database(), place.path("before.db"));
    std::fs::copy(&now, &before).unwrap();
    place.pay(1).await;
    let shown = place.says(&["audit", "checkpoint"]);
    let kept = place.file("kept.json", &shown.out);
    place.says(&["audit", "verify", "--against", &kept]).means(0, "the chains are intact");
    place.pay(1).await;
    place.says(&["audit", "verify", "--against", &kept]).means(0, "11 entries");

    let forged = |change: &dyn Fn(&mut Value)| {
        let mut checkpoint = shown.json();
        change(&mut checkpoint);
        let file = place.file("forged.json", &checkpoint.to_string());
        place.says(&["audit", "verify", "--against", &file]).means(1, "the signature at entry 9 does not fit");
    };
    forged(&|c| c["entries"] = json!(8));
    forged(&|c| c["heads"][0]["hash"] = json!("00".repeat(32)));
    forged(&|c| c["heads"][0]["place"] = json!(8));
    forged(&|c| (c["heads"], c["entries"]) = (json!([]), json!(0)));
    forged(&|c| c["signature"] = json!("00".repeat(64)));

    let old = format!("sqlite:{}", before.display());
    place.says(&["audit", "verify", "--database", &old]).means(0, "7 entries");
    let put_back = place.says(&["audit", "verify", "--database", &old, "--against", &kept]);
    put_back.means(1, "chain 0: its entries 8 to 9 were cut off");

    // The same payments, signed by whoever made another installation of their own.
    let other = Place::with_payments(4).await;
    let exchanged = format!("sqlite:{}", other.database().display());
    place.says(&["audit", "verify", "--database", &exchanged]).means(1, "signed with another installation's key");
}
