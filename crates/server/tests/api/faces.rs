//! The face service: the documented commands as they stand, and what must be refused. Real networks, public portraits.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::common::{TestApp, client, problem};
use face::{ModelPaths, Models};
use models::{Cache, Manifest, Portraits, Silent};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/face-service.md");

fn networks() -> (Models, Portraits) {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    (Models::load(&engine, &paths).unwrap(), portraits)
}

/// A key with these scopes.
async fn key(app: &TestApp, scopes: &[&str], per_minute: u32) -> String {
    let body = json!({"label": "test", "scopes": scopes, "per_minute": per_minute});
    let answer = app.shop(Method::POST, "/v1/api_keys").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned()
}

/// A form as browsers send it.
async fn post(app: &TestApp, key: &str, path: &str, fields: &[(&str, &[u8])]) -> Response {
    let mut body = Vec::new();
    for (name, content) in fields {
        let file = if content.starts_with(b"\xff\xd8") { "; filename=\"a.jpg\"" } else { "" };
        body.extend(format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--cut--\r\n");
    let request = client().post(app.url(path)).bearer_auth(key);
    request.header("content-type", "multipart/form-data; boundary=cut").body(body).send().await.unwrap()
}

/// Every `sh` block of the document, in order, as one script.
fn documented_commands() -> String {
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_commands_work_as_they_stand() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("curl is not installed: the documented commands were not tried");
        return;
    }
    let (models, portraits) = networks();
    let app = TestApp::with_analyzers(Arc::new(models)).await;
    let folder = tempfile::tempdir().unwrap();
    let copies = [
        ("obama.jpg", "ada-1.jpg"),
        ("obama2.jpg", "ada-2.jpg"),
        ("obama3.jpg", "ada-3.jpg"),
        ("biden.jpg", "bob-1.jpg"),
    ];
    for (from, to) in copies {
        std::fs::copy(portraits.get(from).unwrap(), folder.path().join(to)).unwrap();
    }
    let script = format!("set -euo pipefail\n{}", documented_commands());
    let (base, shop) = (app.base.clone(), app.shop_key.clone());
    let run = move |dir: &Path| {
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(script).current_dir(dir).env("BASE", base).env("SHOP_KEY", shop).env("NO_PROXY", "*");
        bash.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(move || run(folder.path())).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("\"duplicate_suspected\":true") && said.contains("\"good\":"), "{said}");
    for number in ["score", "cosine", "vector", "embedding", "distance", "llr"] {
        assert!(!said.contains(number), "an answer speaks of {number}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kiosks_find_by_digits_and_strangers_are_not_found() {
    let (models, portraits) = networks();
    let app = TestApp::with_analyzers(Arc::new(models)).await;
    let read = |name: &str| std::fs::read(portraits.get(name).unwrap()).unwrap();
    let (ada1, ada2, bob) = (read("obama.jpg"), read("obama3.jpg"), read("biden.jpg"));
    let all = key(&app, &["faces.manage", "faces.search"], 600).await;
    let made = client().post(app.url("/v1/faces/collections")).bearer_auth(&all);
    let made = made.json(&json!({"name": "club", "purpose": "door"})).send().await.unwrap();
    let collection = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let persons = format!("/v1/faces/collections/{collection}/persons");

    let person = |name: &'static str, digits: &'static str, consent: &'static str| {
        [("reference", name), ("consent_text_version", "v1"), ("consent_given", consent), ("last_digits", digits)]
            .map(|(n, v)| (n, v.as_bytes()))
            .to_vec()
    };
    let with = |mut fields: Vec<(&'static str, &'static [u8])>, image: &[u8]| {
        let image: &'static [u8] = Vec::leak(image.to_vec());
        fields.push(("image", image));
        fields
    };
    let refused = post(&app, &all, &persons, &with(person("ada", "47", "no"), &ada1)).await;
    assert_eq!(problem(refused, 400).await, "invalid_request");
    for (name, digits, image) in [("ada", "47", &ada1), ("bob", "11", &bob)] {
        let answer = post(&app, &all, &persons, &with(person(name, digits, "true"), image)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(answer.json::<Value>().await.unwrap()["duplicate_suspected"], false);
    }
    let search = async |digits: Option<&'static [u8]>, image: &[u8]| {
        let collection: &'static [u8] = Vec::leak(collection.clone().into_bytes());
        let mut fields = vec![("collection", collection)];
        fields.extend(digits.map(|d| ("last_digits", d)));
        let answer = post(&app, &all, "/v1/faces/search", &with(fields, image)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json::<Value>().await.unwrap()
    };
    let found = search(None, &ada2).await;
    assert_eq!((&found["found"]["reference"], &found["compared"]), (&json!("ada"), &json!(2)));
    assert_eq!(found["second_factor_needed"], false);
    let narrowed = search(Some(b"47"), &ada2).await;
    assert_eq!((&narrowed["found"]["reference"], &narrowed["compared"]), (&json!("ada"), &json!(1)));
    // Bob's digits do not lead to Ada, whose face it is.
    let other = search(Some(b"11"), &ada2).await;
    assert_eq!((&other["found"], &other["compared"]), (&Value::Null, &json!(1)));
    assert_eq!(search(Some(b"99"), &ada2).await["compared"], 0);
}

#[tokio::test]
async fn a_key_does_only_what_it_is_for_and_only_so_often() {
    let app = TestApp::new().await;
    let detect = key(&app, &["faces.detect"], 3).await;
    let jpeg: &[u8] = b"\xff\xd8\xff no picture";
    assert_eq!(
        problem(post(&app, &detect, "/v1/faces/detect", &[("image", jpeg)]).await, 400).await,
        "invalid_request"
    );
    let both = [("first", jpeg), ("second", jpeg)];
    assert_eq!(problem(post(&app, &detect, "/v1/faces/compare", &both).await, 403).await, "scope_missing");
    assert_eq!(
        problem(post(&app, &detect, "/v1/faces/detect", &[("picture", jpeg)]).await, 400).await,
        "invalid_request"
    );
    let fourth = post(&app, &detect, "/v1/faces/detect", &[("image", jpeg)]).await;
    assert!(fourth.headers().contains_key("retry-after"));
    assert_eq!(problem(fourth, 429).await, "too_many_requests");
    app.clock.advance(61);
    assert_eq!(problem(post(&app, &detect, "/v1/faces/detect", &[]).await, 400).await, "invalid_request");

    let listed: Value = app.shop(Method::GET, "/v1/api_keys").send().await.unwrap().json().await.unwrap();
    let row = listed.as_array().unwrap().iter().find(|row| row["kind"] == "restricted").unwrap();
    assert!(row.get("key").is_none(), "{listed}");
    let path = format!("/v1/api_keys/{}", row["id"].as_str().unwrap());
    assert_eq!(app.shop(Method::DELETE, &path).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(post(&app, &detect, "/v1/faces/detect", &[("image", jpeg)]).await, 401).await, "unknown_key");
}

#[tokio::test]
async fn bad_keys_collections_and_forms_are_refused() {
    let app = TestApp::new().await;
    for body in [
        json!({"label": "x", "scopes": [], "per_minute": 1}),
        json!({"label": "x", "scopes": ["payments"], "per_minute": 1}),
        json!({"label": "x", "scopes": ["faces.detect"], "per_minute": 0}),
        json!({"label": "", "scopes": ["faces.detect"], "per_minute": 1}),
    ] {
        let answer = app.shop(Method::POST, "/v1/api_keys").json(&body).send().await.unwrap();
        assert_eq!(problem(answer, 400).await, "invalid_request", "{body}");
    }
    let manage = key(&app, &["faces.manage", "faces.search", "faces.compare"], 600).await;
    let strange = "/v1/faces/collections/col_00000000000000000000000000000001";
    let gone = client().delete(app.url(strange)).bearer_auth(&manage).send().await.unwrap();
    assert_eq!(problem(gone, 404).await, "not_found");
    // Nobody is in the picture: the camera of these tests is blind.
    let png: &[u8] = &png();
    let answer = post(&app, &manage, "/v1/faces/compare", &[("first", png), ("second", png)]).await;
    let answer: Value = answer.json().await.unwrap();
    assert_eq!((&answer["same_person"], &answer["first"][0]["hints"][0]), (&Value::Null, &json!("no_face")));
    let many: Vec<(&str, &[u8])> = (0..6).map(|_| ("first", png)).chain([("second", png)]).collect();
    assert_eq!(problem(post(&app, &manage, "/v1/faces/compare", &many).await, 400).await, "invalid_request");
    let plain = client().post(app.url("/v1/faces/compare")).bearer_auth(&manage).json(&json!({})).send().await.unwrap();
    assert_eq!(problem(plain, 400).await, "invalid_request");
    // The page says what is wrong instead of failing.
    let page = post(&app, "", "/faces", &[("first", png), ("second", b"no picture")]).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("role=\"alert\""));
}

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(64, 64).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
