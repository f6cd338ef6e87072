//! The shipped recogniser under a manifest of somebody else's, and a toy network that knows nothing of faces.

use std::path::Path;

use models::Cache;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;

/// One field of a protobuf message: bytes, or a number.
enum Field<'a> {
    Bytes(u8, &'a [u8]),
    Number(u8, u8),
}

fn message(fields: &[Field<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in fields {
        match field {
            Field::Number(tag, value) => bytes.extend([tag << 3, *value]),
            Field::Bytes(tag, content) => {
                assert!(content.len() < 1 << 14);
                let (low, high) =
                    (u8::try_from(content.len() & 0x7f).unwrap() | 0x80, u8::try_from(content.len() >> 7).unwrap());
                bytes.extend([tag << 3 | 2, low, high]);
                bytes.extend_from_slice(content);
            }
        }
    }
    bytes
}

/// A tensor of floats with these sizes, each below 128, as a graph's input or output.
fn value(name: &str, dims: &[u8]) -> Vec<u8> {
    use Field::{Bytes, Number};
    let dims: Vec<Vec<u8>> = dims.iter().map(|d| message(&[Number(1, *d)])).collect();
    let shape = message(&dims.iter().map(|d| Bytes(1, d)).collect::<Vec<_>>());
    let kind = message(&[Bytes(1, &message(&[Number(1, 1), Bytes(2, &shape)]))]);
    message(&[Bytes(1, name.as_bytes()), Bytes(2, &kind)])
}

/// Mean colours of 5×5 squares of the crop: 75 values.
fn mean_colours() -> Vec<u8> {
    use Field::{Bytes, Number};
    let ints = |name: &str, values: &[u8]| {
        let mut fields = vec![Bytes(1, name.as_bytes())];
        fields.extend(values.iter().map(|v| Number(8, *v)));
        fields.push(Field::Number(20, 7));
        // Field 20 takes two bytes as a tag.
        let mut bytes = message(&fields[..fields.len() - 1]);
        bytes.extend([0xa0, 0x01, 7]);
        bytes
    };
    let (kernel, strides) = (ints("kernel_shape", &[22, 22]), ints("strides", &[22, 22]));
    let pool =
        message(&[Bytes(1, b"x"), Bytes(2, b"p"), Bytes(4, b"AveragePool"), Bytes(5, &kernel), Bytes(5, &strides)]);
    let flat = message(&[Bytes(1, b"p"), Bytes(2, b"out"), Bytes(4, b"Flatten")]);
    let (input, output) = (value("x", &[1, 3, 112, 112]), value("out", &[1, 75]));
    let graph = message(&[Bytes(1, &pool), Bytes(1, &flat), Bytes(2, b"toy"), Bytes(11, &input), Bytes(12, &output)]);
    let opset = message(&[Number(2, 13)]);
    message(&[Number(1, 8), Bytes(8, &opset), Bytes(7, &graph)])
}

fn hash(path: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(path).unwrap()))
}

/// SFace as somebody else would describe it.
fn sface(file: &Path) -> Value {
    json!({
        "format": 1, "role": "recogniser", "id": "theirs/arcface-112/1", "file": file, "sha256": hash(file),
        "licence": "Apache-2.0", "input": { "size": 112, "layout": "planes", "order": "rgb" },
        "output": { "name": "fc1", "length": 128, "normalised": false },
        "template": [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
        "mirror": true
    })
}

fn judge(dir: &Path, manifest: &Value) -> Result<(Verdict, Vec<Finding>), String> {
    let path = dir.join("their.json");
    std::fs::write(&path, manifest.to_string()).unwrap();
    let args = CheckArgs {
        file: path,
        data: None,
        max_ms: 5_000.0,
        calibration_out: None,
        precision: Precision::Auto,
        threads: 1,
    };
    let plug = Plug::read(&args.file).map_err(|e| e.to_string())?;
    check(&args, &plug, &Cache::default_dir().unwrap()).map_err(|e| e.to_string())
}

#[test]
fn a_right_network_passes_and_a_wrongly_described_one_gets_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::default_dir().unwrap();
    let files = models::fetch(&Manifest::embedded().unwrap(), &cache, &mut models::Silent).unwrap();
    let good = sface(&files.sface);
    let (verdict, findings) = judge(dir.path(), &good).unwrap();
    let texts: Vec<&str> = findings.iter().map(|f| f.text.as_str()).collect();
    assert_eq!(verdict, Verdict::NotEvaluated, "{texts:?}");
    assert!(findings.len() >= 4);

    let wrong = |change: fn(&mut Value)| {
        let mut manifest = good.clone();
        change(&mut manifest);
        let said = judge(dir.path(), &manifest).err().unwrap();
        assert!(!said.contains('\n') && said.contains("their.json"), "{said}");
        said
    };
    assert!(wrong(|m| m["sha256"] = json!("1".repeat(64))).contains("has the sha256"));
    assert!(wrong(|m| m["output"]["length"] = json!(512)).contains("it holds 128 values, not 512"));
    assert!(wrong(|m| m["output"]["name"] = json!("fc9")).contains("no output called fc9"));
    assert!(wrong(|m| m["output"]["normalised"] = json!(true)).contains("write \"normalised\": false"));
    assert!(wrong(|m| m["input"]["layout"] = json!("packed")).contains("the engine cannot use the file"));
    assert!(wrong(|m| m["calibration"] = json!("none.json")).contains("its calibration"));
    // Golden vectors of another network.
    let mut manifest = good.clone();
    manifest["golden"] = json!([{ "picture": "obama.jpg", "values": vec![1.0; 128] }]);
    assert_eq!(judge(dir.path(), &manifest).unwrap().0, Verdict::MayNot);
}

#[test]
fn a_network_that_knows_no_faces_may_not_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("toy.onnx");
    std::fs::write(&file, mean_colours()).unwrap();
    let mut manifest = sface(&file);
    manifest["id"] = json!("toy/1");
    manifest["output"] = json!({ "name": "out", "length": 75 });
    let (verdict, findings) = judge(dir.path(), &manifest).unwrap();
    assert_eq!(verdict, Verdict::MayNot);
    let wrong: Vec<&str> = findings.iter().filter(|f| !f.right).map(|f| f.text.as_str()).collect();
    assert!(wrong.iter().any(|t| t.contains("three pictures of one person")), "{wrong:?}");
}
