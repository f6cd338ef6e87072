//! Delivery promises: sent, handed over, late by the clock; told to the shop and shown to the shopper.

use crate::common::{PASSPHRASE, TestApp, problem};
use reqwest::Method;
use serde_json::{Value, json};
use service::ports::Clock as _;

async fn say(app: &TestApp, order: &str, what: &str, body: Value) -> reqwest::Response {
    app.shop(Method::POST, &format!("/v1/orders/{order}/{what}")).json(&body).send().await.unwrap()
}

async fn delivery(app: &TestApp, order: &str) -> Value {
    let order: Value =
        app.shop(Method::GET, &format!("/v1/orders/{order}")).send().await.unwrap().json().await.unwrap();
    order["delivery"].clone()
}

async fn events(app: &TestApp, kind: &str) -> Vec<Value> {
    let path = format!("/v1/events?type={kind}");
    let list: Value = app.shop(Method::GET, &path).send().await.unwrap().json().await.unwrap();
    list["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_order_is_promised_sent_and_handed_over() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(2_000).await;
    let paid: Value = payer.confirm(&intent, PASSPHRASE).await.json().await.unwrap();
    let order = paid["order_id"].as_str().unwrap();
    assert_eq!(delivery(&app, order).await["status"], "promised");
    let sent: Value = say(&app, order, "ship", json!({"tracking": "RR 1948 DE"})).await.json().await.unwrap();
    assert_eq!((&sent["status"], &sent["delivery"]["status"]), (&json!("shipped"), &json!("shipped")));
    let again: Value = say(&app, order, "ship", json!({"tracking": "other"})).await.json().await.unwrap();
    assert_eq!(again["delivery"], sent["delivery"], "said twice, it was sent once");
    let page = payer.get(&format!("/order/{order}")).await.text().await.unwrap();
    assert!(page.contains("RR 1948 DE"), "the shopper sees it");
    assert_eq!(say(&app, order, "deliver", json!({})).await.status(), 200);
    let there = delivery(&app, order).await;
    assert_eq!((&there["status"], &there["late"]), (&json!("delivered"), &json!(false)));
    assert!(there["delivered_at"].is_string() && there["tracking"] == "RR 1948 DE");
    assert_eq!((events(&app, "order.shipped").await.len(), events(&app, "order.delivered").await.len()), (1, 1));
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    let told = me["notices"].as_array().unwrap();
    assert!(told.iter().any(|n| n["key"] == "notice.order_delivered"), "{told:?}");
    assert_eq!(problem(say(&app, order, "ship", json!({"tracking": ""})).await, 400).await, "invalid_request");
}

#[tokio::test]
async fn a_broken_promise_is_late_for_the_shop_and_for_the_shopper() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        let paid: Value = payer.confirm(&app.intent(500).await, PASSPHRASE).await.json().await.unwrap();
        orders.push((paid["order_id"].as_str().unwrap().to_owned(), paid["receipt"].as_str().unwrap().to_owned()));
    }
    let [(late, receipt), (arrived, _)] = &orders[..] else { panic!("two") };
    say(&app, arrived, "deliver", json!({})).await;
    // Promised for six days later: that whole day counts.
    app.clock.advance(6 * 86_400);
    assert_eq!(delivery(&app, late).await["status"], "promised");
    assert_eq!(app.app.store().note_late_orders(10, app.clock.now()).await.unwrap(), 0, "nor does upkeep find any");
    app.clock.advance(86_400);
    assert_eq!(delivery(&app, late).await["status"], "late", "by the clock, before anything ran");
    // The server's own upkeep may be first.
    for _ in 0..2 {
        assert!(app.app.store().note_late_orders(10, app.clock.now()).await.unwrap() < 2, "the other one arrived");
    }
    let told = events(&app, "order.late").await;
    assert_eq!(told.len(), 1, "told once");
    assert_eq!(told[0]["data"]["object"]["late"], true);
    let payer = payer.signed_in_again("ada@example.org").await;
    let page = payer.get(&format!("/receipt/{receipt}")).await.text().await.unwrap();
    assert!(page.contains("Late: the promised day is over"), "the receipt says so");
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert!(me["notices"].as_array().unwrap().iter().any(|n| n["key"] == "notice.order_late"));
    say(&app, late, "deliver", json!({})).await;
    let at_last = delivery(&app, late).await;
    assert_eq!((&at_last["status"], &at_last["late"]), (&json!("delivered"), &json!(true)));
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_paid_or_went_back() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(500).await;
    let paid: Value = payer.confirm(&intent, PASSPHRASE).await.json().await.unwrap();
    let order = paid["order_id"].as_str().unwrap();
    let back = json!({"payment_intent": intent.id});
    let refund = app.shop(Method::POST, "/v1/refunds").header("idempotency-key", "r").json(&back).send().await.unwrap();
    assert_eq!(refund.status(), 201);
    assert_eq!(problem(say(&app, order, "ship", json!({})).await, 409).await, "payment_state");
    let nobodys = "ord_00000000000000000000000000000007";
    assert_eq!(problem(say(&app, nobodys, "deliver", json!({})).await, 404).await, "not_found");
}
