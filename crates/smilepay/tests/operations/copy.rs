//! `smilepay store copy`: all of it arrives, nothing is overwritten, nothing unsound is carried on.

use crate::common::Place;

#[tokio::test]
async fn a_copy_has_every_row_the_books_and_the_log() {
    let place = Place::with_payments(3).await;
    let to = format!("sqlite:{}", place.path("copy.db").display());
    let copied = place.says(&["store", "copy", "--to", &to]);
    copied.means(0, "the same on both sides: every count");
    copied.means(0, "4 transfers that add up, 9 audit entries");
    place.says(&["audit", "verify", "--database", &to]).means(0, "9 entries in 1 chains");
    place.says(&["ledger", "check", "--database", &to]).means(0, "all books add up");
    place.says(&["store", "copy", "--to", &to]).means(1, "this store to copy to exists already");
    place.says(&["store", "copy", "--to", "mysql://x"]).means(2, "--to");
    let nothing = format!("sqlite:{}", place.path("nothing.db").display());
    let other = format!("sqlite:{}", place.path("other.db").display());
    place.says(&["store", "copy", "--from", &nothing, "--to", &other]).means(1, "no such store to copy from");
}

#[tokio::test]
async fn a_source_that_somebody_changed_is_not_carried_on() {
    let place = Place::with_payments(2).await;
    let to = format!("sqlite:{}", place.path("copy.db").display());
    let copy_after = |sql: &str| {
        let said = place.says_after(sql, &["store", "copy", "--to", &to]);
        assert!(!place.path("copy.db").exists() || place.says(&["audit", "checkpoint", "--database", &to]).code != 0);
        let _ = std::fs::remove_file(place.path("copy.db"));
        said
    };
    copy_after("UPDATE audit SET detail = '{}' WHERE seq = 5").means(1, "wrong in the source already");
    copy_after("UPDATE ledger_accounts SET posted = 7 WHERE kind = 'wallet'").means(1, "wrong in the source already");
    copy_after("DELETE FROM audit WHERE seq = 7").means(1, "does not end where this key signed it");
}
