//! `smilepay ledger`: books that add up, books that somebody changed, balances as they stood.

use serde_json::json;

use crate::common::{NOW, PRICE, Place, TOP_UP, merchant, payer, smilepay};

#[tokio::test]
async fn untouched_books_add_up_now_and_at_any_time() {
    let place = Place::with_payments(3).await;
    place.says(&["ledger", "check"]).means(0, "4 transfers, 8 entries");
    place.says(&["ledger", "check"]).means(0, "all books add up");
    assert_eq!(place.says(&["ledger", "check", "--json"]).json()["sound"], true);
    place.says(&["ledger", "trial-balance"]).means(0, "every currency sums to zero");

    let start = NOW.as_millis() / 1_000;
    let posted = |owner: &str, at: i64| {
        let said = place.says(&["ledger", "balance", owner, "--at", &at.to_string(), "--json"]);
        said.json().as_array().unwrap().iter().map(|line| line["posted"].as_i64().unwrap()).sum::<i64>()
    };
    let (payer, merchant) = (payer().to_string(), merchant().to_string());
    assert_eq!(
        [-1, 0, 60, 130, 1_000].map(|s| posted(&payer, start + s)),
        [0, TOP_UP, TOP_UP - PRICE, TOP_UP - 2 * PRICE, TOP_UP - 3 * PRICE]
    );
    assert_eq!([0, 60, 1_000].map(|s| posted(&merchant, start + s)), [0, PRICE, 3 * PRICE]);
    let then = place.says(&["ledger", "trial-balance", "--at", &(start + 60).to_string(), "--json"]).json();
    let wallet = then["lines"].as_array().unwrap().iter().find(|line| line["kind"] == "wallet").unwrap();
    assert_eq!((&then["balanced"], &wallet["balance"]), (&json!(true), &json!(TOP_UP - PRICE)));
}

#[tokio::test]
async fn changed_books_are_found() {
    let place = Place::with_payments(3).await;
    let refused = rusqlite::Connection::open(place.database()).unwrap().execute("UPDATE entries SET minor = 1", []);
    assert!(refused.unwrap_err().to_string().contains("entries never change"));
    let found = |sql: &str, words: &[&str]| {
        let said = place.says_after(sql, &["ledger", "check"]);
        words.iter().for_each(|word| said.means(1, word));
        said.means(1, "the books do not add up");
    };
    // Whoever has the file can take the trigger off; the sums stay.
    found(
        "DROP TRIGGER entries_stay; UPDATE entries SET minor = minor + 1 WHERE seq = 1",
        &[
            "1 currencies whose entries do not sum to zero",
            "1 accounts whose balance is not the sum of their entries",
            "1 transfers with other entries than they should have",
        ],
    );
    found(
        "DROP TRIGGER entries_never_go; DELETE FROM entries WHERE seq = 3",
        &["1 transfers with other entries than they should have"],
    );
    found(
        "UPDATE ledger_accounts SET posted = posted + 100000 WHERE kind = 'wallet'",
        &["1 accounts whose balance is not the sum of their entries"],
    );
    found(
        "UPDATE ledger_accounts SET pending_out = 1 WHERE kind = 'wallet'",
        &["1 accounts whose holds are not the sum of pending transfers"],
    );
    found(
        "UPDATE intents SET captured = captured + 1 WHERE id = (SELECT min(id) FROM intents)",
        &["1 paid intents without their transfer"],
    );
    let told =
        place.says_after("UPDATE ledger_accounts SET posted = 0 WHERE kind = 'wallet'", &["ledger", "check", "--json"]);
    assert_eq!((told.code, told.json()["report"]["wrong_balances"].clone()), (1, json!(1)));
}

#[tokio::test]
async fn what_cannot_be_told_of_the_books_ends_with_2() {
    let place = Place::empty();
    place.says(&["ledger", "check"]).means(2, "smilepay.db");
    place.says(&["ledger", "balance", "pi_7"]).means(2, "write acct_… or mer_…");
    place.says(&["ledger", "trial-balance", "--at", "yesterday"]).means(2, "invalid value 'yesterday'");
    smilepay(&["ledger", "audit"]).means(2, "unrecognized subcommand");
    let letter = place.file("letter.db", "this is a letter, not a database at all");
    place.says(&["ledger", "check", "--database", &format!("sqlite:{letter}")]).means(2, "not a database");
}
