//! Captures, disputes, movements, lists and magic payers, over HTTP.

use crate::common::{PASSPHRASE, TestApp, TestIntent, client, intent_body, problem};
use reqwest::{Method, Response};
use serde_json::{Value, json};

async fn post(app: &TestApp, path: &str, key: &str, body: Value) -> Response {
    app.shop(Method::POST, path).header("idempotency-key", key.to_owned()).json(&body).send().await.unwrap()
}

async fn get(app: &TestApp, path: &str) -> Value {
    let answer = app.shop(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn json_of(answer: Response, status: u16) -> Value {
    assert_eq!(answer.status(), status, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

async fn manual(app: &TestApp, amount: i64) -> TestIntent {
    let mut body = intent_body(amount);
    body["capture_method"] = json!("manual");
    let body: Value = app.create_intent(&format!("manual-{amount}"), body).await.json().await.unwrap();
    let text = |key: &str| body[key].as_str().unwrap().to_owned();
    TestIntent { id: text("id"), secret: text("client_secret") }
}

#[tokio::test]
async fn a_shop_captures_a_part_when_it_ships_and_the_rest_is_free_again() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = manual(&app, 4_000).await;
    let held: Value = json_of(payer.confirm(&intent, PASSPHRASE).await, 200).await;
    assert_eq!((&held["status"], &held["amount_captured"]), (&json!("requires_capture"), &json!(0)));
    assert_eq!(payer.available().await, 6_000);
    let receipt = payer.get(&format!("/v1/receipts/{}", held["receipt"].as_str().unwrap())).await;
    assert_eq!(json_of(receipt, 200).await["status"], "authorised");
    assert_eq!(get(&app, "/v1/balance").await["balances"][0]["incoming"], 4_000);

    let path = format!("/v1/payment_intents/{}/capture", intent.id);
    assert_eq!(problem(post(&app, &path, "c0", json!({"amount": 4_001})).await, 409).await, "payment_state");
    let taken = json_of(post(&app, &path, "c1", json!({"amount": 2_500})).await, 200).await;
    assert_eq!((&taken["status"], &taken["amount_captured"]), (&json!("succeeded"), &json!(2_500)));
    assert_eq!(json_of(post(&app, &path, "c1", json!({"amount": 2_500})).await, 200).await, taken, "the saved reply");
    assert_eq!(problem(post(&app, &path, "c1", json!({"amount": 2_400})).await, 422).await, "idempotency_mismatch");
    assert_eq!(problem(post(&app, &path, "c2", json!({})).await, 409).await, "payment_state");
    assert_eq!(payer.available().await, 7_500);

    let given_back = manual(&app, 1_000).await;
    payer.confirm(&given_back, PASSPHRASE).await;
    let cancel = app.shop(Method::POST, &format!("/v1/payment_intents/{}/cancel", given_back.id)).send().await.unwrap();
    assert_eq!(json_of(cancel, 200).await["status"], "canceled");
    assert_eq!(payer.available().await, 7_500);
}

#[tokio::test]
async fn a_hold_that_nobody_captures_comes_back_by_itself() {
    let app = TestApp::new().await;
    let intent = manual(&app, 4_000).await;
    let path = format!("/v1/test/payment_intents/{}/pay", intent.id);
    let held = app.shop(Method::POST, &path).json(&json!({"payer": "ok"})).send().await.unwrap();
    assert_eq!(json_of(held, 200).await["status"], "requires_capture");
    app.clock.advance(8 * 86_400);
    assert_eq!(app.read_intent(&intent.id).await["status"], "expired");
    for _ in 0..50 {
        let balance = get(&app, "/v1/balance").await;
        if balance["balances"][0]["incoming"] == 0 {
            let events = get(&app, "/v1/events?type=payment_intent.expired").await;
            assert_eq!(events["data"][0]["data"]["object"]["id"], json!(intent.id));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the hold stayed");
}

#[tokio::test]
async fn a_dispute_holds_the_money_and_the_evidence_decides() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let (won, lost) = (app.intent(3_000).await, app.intent(2_000).await);
    for intent in [&won, &lost] {
        json_of(payer.confirm(intent, PASSPHRASE).await, 200).await;
    }
    let open = |intent: &TestIntent, key: &'static str| {
        let body = json!({"payment_intent": intent.id, "reason": "not_received"});
        payer.request(Method::POST, "/v1/me/disputes").header("idempotency-key", key).json(&body).send()
    };
    let dispute = json_of(open(&won, "d1").await.unwrap(), 201).await;
    assert_eq!(json_of(open(&won, "d1").await.unwrap(), 201).await, dispute);
    assert_eq!(problem(open(&won, "d2").await.unwrap(), 409).await, "payment_state");
    assert_eq!(
        get(&app, "/v1/balance").await["balances"][0],
        json!({"currency": "EUR", "available": 2_000, "held": 3_000, "incoming": 0})
    );
    let path = format!("/v1/disputes/{}", dispute["id"].as_str().unwrap());
    let seen = get(&app, &format!("{path}?expand[]=payment_intent")).await;
    assert_eq!(
        (&seen["facts"]["methods"], &seen["payment_intent"]["disputed"]),
        (&json!(["passphrase"]), &json!(3_000))
    );
    let sent = app.shop(Method::POST, &format!("{path}/evidence")).json(&json!({"evidence": "winning_evidence"}));
    assert_eq!(json_of(sent.send().await.unwrap(), 200).await["status"], "won");

    let dispute = json_of(open(&lost, "d3").await.unwrap(), 201).await;
    let path = format!("/v1/disputes/{}/accept", dispute["id"].as_str().unwrap());
    assert_eq!(json_of(app.shop(Method::POST, &path).send().await.unwrap(), 200).await["status"], "lost");
    assert_eq!(payer.available().await, 7_000);
    let listed = get(&app, "/v1/disputes?status=lost&limit=5").await;
    assert_eq!((listed["data"].as_array().unwrap().len(), &listed["has_more"]), (1, &json!(false)));
    let kinds = get(&app, "/v1/events?type=dispute.closed").await;
    assert_eq!(kinds["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn money_comes_in_goes_out_and_between_wallets_once_for_each_key() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.payer("ada@example.org").await, app.payer("eve@example.org").await);
    let ask = |path: &str, key: &str, body: Value| {
        ada.request(Method::POST, path).header("idempotency-key", key.to_owned()).json(&body).send()
    };
    let top_up = |bank: &str| json!({"amount": 500, "currency": "EUR", "bank": bank});
    for _ in 0..2 {
        json_of(ask("/v1/me/top_ups", "t1", top_up("test_instant")).await.unwrap(), 201).await;
    }
    assert_eq!(ada.available().await, 10_500);
    assert_eq!(
        problem(ask("/v1/me/top_ups", "t2", top_up("test_declined")).await.unwrap(), 402).await,
        "rail_declined"
    );
    assert_eq!(problem(ask("/v1/me/top_ups", "t3", top_up("my_bank")).await.unwrap(), 400).await, "invalid_request");

    let send = |to: &str, amount: i64, passphrase: &str| json!({"to": to, "amount": amount, "currency": "EUR", "note": "lunch", "passphrase": passphrase});
    let wrong = ask("/v1/me/transfers", "x0", send(&eve.account, 100, "wrong wrong")).await.unwrap();
    assert_eq!(problem(wrong, 403).await, "proof_failed");
    let sent = ask("/v1/me/transfers", "x1", send(&eve.account, 700, PASSPHRASE)).await.unwrap();
    assert_eq!(json_of(sent, 201).await["status"], "succeeded");
    assert_eq!((ada.available().await, eve.available().await), (9_800, 10_700));
    let own = ask("/v1/me/transfers", "x2", send(&ada.account, 1, PASSPHRASE)).await.unwrap();
    assert_eq!(problem(own, 400).await, "invalid_request");
    let much = ask("/v1/me/transfers", "x3", send(&eve.account, 1_000_000, PASSPHRASE)).await.unwrap();
    assert_eq!(problem(much, 403).await, "amount_limit");

    let out = json!({"amount": 800, "currency": "EUR", "bank": "test_returned", "passphrase": PASSPHRASE});
    assert_eq!(json_of(ask("/v1/me/withdrawals", "w1", out).await.unwrap(), 201).await["status"], "pending");
    assert_eq!(ada.available().await, 9_000, "held");
    app.clock.advance(5);
    for _ in 0..50 {
        let listed: Value = ada.get("/v1/me/movements").await.json().await.unwrap();
        if let Some(back) = listed["data"].as_array().unwrap().iter().find(|m| m["status"] == "failed") {
            assert_eq!((&back["failure"], &back["kind"]), (&json!("returned"), &json!("withdrawal")));
            assert_eq!(ada.available().await, 9_800);
            let lines: Value = ada.get("/v1/me/balance_transactions?limit=2").await.json().await.unwrap();
            assert_eq!((&lines["data"][0]["kind"], &lines["data"][0]["amount"]), (&json!("transfer"), &json!(-700)));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the bank never answered");
}

#[tokio::test]
async fn a_merchant_sees_pages_settlements_and_is_paid_out() {
    let app = TestApp::new().await;
    for (number, payer) in ["ok", "ok", "insufficient_funds", "authentication_failed"].iter().enumerate() {
        let intent = app.intent(1_000 + i64::try_from(number).unwrap()).await;
        let path = format!("/v1/test/payment_intents/{}/pay", intent.id);
        let answer = app.shop(Method::POST, &path).json(&json!({"payer": payer})).send().await.unwrap();
        match *payer {
            "ok" => assert_eq!(json_of(answer, 200).await["status"], "succeeded"),
            "insufficient_funds" => assert_eq!(problem(answer, 402).await, "insufficient_funds"),
            _ => assert_eq!(problem(answer, 403).await, "proof_failed"),
        }
    }
    let page = get(&app, "/v1/payment_intents?limit=3").await;
    let ids = |page: &Value| page["data"].as_array().unwrap().iter().map(|i| i["id"].clone()).collect::<Vec<_>>();
    let (first, more) = (ids(&page), page["has_more"].clone());
    assert_eq!((first.len(), more), (3, json!(true)));
    let next = get(&app, &format!("/v1/payment_intents?limit=3&starting_after={}", first[2].as_str().unwrap())).await;
    assert_eq!((ids(&next).len(), &next["has_more"]), (1, &json!(false)));
    let paid = get(&app, "/v1/payment_intents?status=succeeded&expand[]=receipt").await;
    assert_eq!(paid["data"].as_array().unwrap().len(), 2);
    assert_eq!(paid["data"][0]["receipt"]["methods"], json!(["passphrase"]));
    for bad in
        ["limit=0", "limit=101", "starting_after=x", "status=paid", "color=red", "expand[]=payer", "created_from=soon"]
    {
        let answer = app.shop(Method::GET, &format!("/v1/payment_intents?{bad}")).send().await.unwrap();
        assert_eq!(problem(answer, 400).await, "invalid_request", "{bad}");
    }

    let payout = json!({"currency": "EUR", "bank": "test_instant"});
    let made = json_of(post(&app, "/v1/payouts", "p1", payout.clone()).await, 201).await;
    assert_eq!((&made["amount"], &made["status"]), (&json!(2_001), &json!("succeeded")));
    assert_eq!(
        json_of(post(&app, "/v1/payouts", "p1", payout.clone()).await, 201).await,
        made,
        "a retry pays out once"
    );
    assert_eq!(problem(post(&app, "/v1/payouts", "p2", payout).await, 402).await, "insufficient_funds");
    let listed = async |query: &str| get(&app, query).await["data"].as_array().unwrap().len();
    assert_eq!(listed("/v1/payouts?status=succeeded&created_from=1800000000").await, 1);
    assert_eq!(listed("/v1/payouts?status=failed").await, 0);
    assert_eq!(listed("/v1/payouts?created_until=1800000000").await, 0);
    assert_eq!(listed("/v1/events?type=payment_intent.succeeded&created_from=1800000000").await, 2);
    assert_eq!(listed("/v1/events?created_until=1800000000").await, 0);
    // The test's clock stands at 2027-01-15.
    let day = get(&app, "/v1/settlements?day=2027-01-15").await;
    let line = |kind: &str, count: i64, amount: i64| json!({"currency": "EUR", "kind": kind, "count": count, "amount": amount});
    assert_eq!(day["lines"], json!([line("payment", 2, 2_001), line("payout", 1, -2_001)]));
    assert_eq!(get(&app, "/v1/balance/history?currency=EUR&at=1800000000").await["posted"], 0);
    let lines = get(&app, "/v1/balance_transactions?currency=EUR").await;
    assert_eq!((&lines["data"][0]["source"], &lines["data"][0]["kind"]), (&made["id"], &json!("payout")));
}

/// What the document says a list takes, it takes; what it does not say is refused.
#[tokio::test]
async fn every_list_takes_the_parameters_of_the_document_and_no_others() {
    let app = TestApp::new().await;
    let document: Value = client().get(app.url("/v1/openapi.json")).send().await.unwrap().json().await.unwrap();
    let mut lists = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let names = parameters.iter().filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap());
        let names: Vec<&str> = names.collect();
        if !names.contains(&"starting_after") || path.contains("/me/") || path.contains("/operator/") {
            continue;
        }
        lists += 1;
        let known = ["status", "payment_intent", "type", "created_from", "created_until", "expand[]", "color"];
        for name in known {
            let asked = app.shop(Method::GET, &format!("{path}?{name}=7")).send().await.unwrap();
            let said: Value = asked.json().await.unwrap();
            let unknown = said["detail"].as_str().is_some_and(|d| d.contains("no such parameter"));
            let unknown =
                unknown || (name == "expand[]" && said["detail"].as_str().is_some_and(|d| d.ends_with("of ")));
            // Lists that expand nothing say so by an empty list of what they would expand.
            assert_eq!(unknown, !names.contains(&name), "{path}?{name}: {said}");
        }
    }
    assert!(lists >= 6, "{lists}");
}

#[tokio::test]
async fn live_mode_has_no_magic_and_no_play_bank() {
    let app = TestApp::with(service::Mode::Live, u32::MAX).await;
    let intent = app.intent(100).await;
    let path = format!("/v1/test/payment_intents/{}/pay", intent.id);
    let magic = app.shop(Method::POST, &path).json(&json!({"payer": "ok"})).send().await.unwrap();
    assert_eq!(problem(magic, 403).await, "test_mode_only");
    let payer = app.payer("ada@example.org").await;
    let body = json!({"amount": 500, "currency": "EUR", "bank": "test_instant"});
    let top_up = payer.request(Method::POST, "/v1/me/top_ups").header("idempotency-key", "t").json(&body);
    assert_eq!(problem(top_up.send().await.unwrap(), 409).await, "no_rail");
}
