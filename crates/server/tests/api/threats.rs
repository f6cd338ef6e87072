//! What SECURITY.md promises against other sites, planted sessions, guessing, telling answers and bombs.

use std::time::{Duration, Instant};

use crate::common::{PASSPHRASE, TestApp, client, problem};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn every_page_forbids_framing_inline_code_and_foreign_sources() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(2_000).await;
    let checkout = format!("/checkout/{}?client_secret={}", intent.id, intent.secret);
    for path in [
        "/",
        "/sign-in",
        "/sign-up",
        "/wallet",
        "/enrol",
        "/privacy",
        "/nowhere",
        &checkout,
        "/v1/me",
        "/assets/page.js",
    ] {
        let answer = payer.get(path).await;
        let header = |name: &str| answer.headers().get(name).map_or("", |v| v.to_str().unwrap());
        let policy = header("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{path}: {policy}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=(self)"), "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
        // RFC 6797, § 7.2: never by plain HTTP.
        assert!(!answer.headers().contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn a_server_behind_tls_says_for_a_year_that_it_speaks_nothing_else() {
    let app = TestApp::with_tls().await;
    let insecure = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).no_proxy().build().unwrap();
    let url = format!("https://localhost:{}/sign-in", app.addr().port());
    let answer = insecure.get(url).send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
}

#[tokio::test]
async fn a_planted_session_is_not_taken_over_and_an_old_one_ends_at_sign_out() {
    let app = TestApp::new().await;
    app.payer("ada@example.org").await;
    let planted = "smilepay_session=planted-by-somebody-else";
    let bare = || reqwest::Client::builder().no_proxy().build().unwrap();
    let sign_in = || async {
        let body = json!({"email": "ada@example.org", "passphrase": PASSPHRASE});
        let answer = bare().post(app.url("/v1/sessions")).header("cookie", planted).json(&body).send().await.unwrap();
        let set = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned());
        let cookie = set.into_iter().find(|c| c.starts_with("smilepay_session=")).unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let token = cookie.split(';').next().unwrap().to_owned();
        let csrf = answer.json::<Value>().await.unwrap()["csrf_token"].as_str().unwrap().to_owned();
        (token, csrf)
    };
    let me = |cookie: String| bare().get(app.url("/v1/me")).header("cookie", cookie).send();
    let ((first, csrf), (second, _)) = (sign_in().await, sign_in().await);
    assert!(first != planted && second != planted && first != second);
    assert_eq!(problem(me(planted.to_owned()).await.unwrap(), 401).await, "not_signed_in");
    assert_eq!(me(first.clone()).await.unwrap().status(), 200);
    let out = bare().delete(app.url("/v1/sessions/current")).header("cookie", &first).header("x-csrf-token", csrf);
    assert_eq!(out.send().await.unwrap().status(), 204);
    assert_eq!(problem(me(first).await.unwrap(), 401).await, "not_signed_in");
    assert_eq!(me(second).await.unwrap().status(), 200, "another device stays signed in");
}

#[tokio::test]
async fn other_sites_change_nothing_and_choose_no_language() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    for (path, body) in
        [("/v1/me/otp", json!({"passphrase": PASSPHRASE})), ("/shop/buy", json!({})), ("/language", json!({}))]
    {
        for site in ["cross-site", "same-site"] {
            let sent =
                payer.request(Method::POST, path).header("sec-fetch-site", site).json(&body).send().await.unwrap();
            assert_eq!(problem(sent, 403).await, "cross_site", "{path} from {site}");
        }
    }
    let form = client().post(app.url("/language")).header("content-type", "application/x-www-form-urlencoded");
    let kept = form.body("language=de&return=%2F%2Fevil.example%2F").send().await.unwrap();
    assert_eq!((kept.status().as_u16(), kept.headers()["location"].to_str().unwrap()), (303, "/"));
    assert!(kept.headers()["set-cookie"].to_str().unwrap().starts_with("smilepay_language=de;"));
}

/// The middle of some durations.
fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_passphrase() {
    let app = TestApp::new().await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // Each address once: a soft lock answers without any work.
    for i in 0..5 {
        app.payer(&format!("ada{i}@example.org")).await;
    }
    for i in 0..5 {
        for (times, who) in [(&mut known, "ada"), (&mut unknown, "nobody")] {
            let body = json!({"email": format!("{who}{i}@example.org"), "passphrase": "wrong wrong wrong"});
            let begun = Instant::now();
            let answer = client().post(app.url("/v1/sessions")).json(&body).send().await.unwrap();
            assert_eq!(answer.status(), 401);
            times.push(begun.elapsed());
        }
    }
    let (known, unknown) = (middle(known), middle(unknown));
    // Argon2id costs tens of milliseconds; leaving it out for unknown addresses would show as a factor of ten and more.
    assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} for a wrong passphrase, {unknown:?} for nobody");
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let huge = json!({"email": "a@b.c", "passphrase": "x".repeat(4 << 20)});
    assert_eq!(client().post(app.url("/v1/sessions")).json(&huge).send().await.unwrap().status(), 413);
    assert_eq!(payer.post("/v1/me/otp", &huge).await.status(), 413);
    let deep = "[".repeat(60_000);
    let nested = client().post(app.url("/v1/sessions")).header("content-type", "application/json").body(deep);
    assert_eq!(problem(nested.send().await.unwrap(), 400).await, "invalid_request");
}

#[tokio::test]
async fn the_soft_lock_grows_another_factor_opens_it_and_no_answer_tells_which_failed() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(100).await;
    let path = format!("/v1/payment_intents/{}/confirm", intent.id);
    let body = json!({"method": "otp", "code": "000000", "client_secret": intent.secret});
    let code = || payer.post(&path, &body);
    let mut told = vec![code().await.json::<Value>().await.unwrap()];
    told.push(payer.confirm(&intent, "wrong wrong").await.json::<Value>().await.unwrap());
    assert_eq!(told[0], told[1], "a wrong code and a wrong passphrase read the same");
    for _ in 0..4 {
        assert_eq!(problem(code().await, 403).await, "proof_failed");
    }
    assert_eq!(problem(code().await, 429).await, "paused", "after five failures");
    app.clock.advance(61);
    assert_eq!(problem(code().await, 403).await, "proof_failed", "one try after a minute");
    assert_eq!(problem(code().await, 429).await, "paused");
    app.clock.advance(61);
    assert_eq!(problem(code().await, 429).await, "paused", "the second wait is longer");
    app.clock.advance(4 * 60);
    assert_eq!(problem(code().await, 403).await, "proof_failed");
    assert_eq!(problem(code().await, 429).await, "paused");
    // The passphrase pays meanwhile, and opens the lock.
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
    let next = app.intent(100).await;
    let body = json!({"method": "otp", "code": "000000", "client_secret": next.secret});
    let again = payer.post(&format!("/v1/payment_intents/{}/confirm", next.id), &body).await;
    assert_eq!(problem(again, 403).await, "proof_failed");
}

#[tokio::test]
async fn what_a_region_does_not_enable_is_refused_and_its_currency_is_the_wallets() {
    let region = decide::Region {
        currency: "CNY".parse().unwrap(),
        methods: vec![base::Method::Face, base::Method::Passphrase],
        purposes: vec![base::Purpose::Payment],
        ..decide::Region::default()
    };
    let app = TestApp::in_region(region).await;
    let payer = app.payer("ada@example.org").await;
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert_eq!(me["balances"][0]["currency"], "CNY");
    let proof = json!({"passphrase": PASSPHRASE});
    assert_eq!(problem(payer.post("/v1/me/otp", &proof).await, 403).await, "not_here");
    assert_eq!(problem(payer.post("/v1/me/passkeys/options", &proof).await, 403).await, "not_here");
    let search = json!({"purpose": "duplicate_search", "method": "face", "text_version": "2026-11", "accepted": true,
        "passphrase": PASSPHRASE});
    assert_eq!(problem(payer.post("/v1/me/consents", &search).await, 403).await, "not_here");
    let texts: Value = payer.get("/v1/consent_texts").await.json().await.unwrap();
    assert!(texts.as_array().unwrap().iter().all(|t| t["purpose"] == "payment"), "{texts}");
    let page = payer.get("/privacy").await.text().await.unwrap();
    assert!(page.contains("Face · Passphrase"), "{page}");
    assert!(app.intent(100).await.id.starts_with("pi_"));
}
