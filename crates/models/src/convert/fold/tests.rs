//! Folding on small graphs whose answers are worked out by hand.

use super::super::onnx::{FLOAT, GraphProto, INT8, INT64, TensorProto, UINT8};
use super::*;

fn tensor(name: &str, kind: i32, dims: &[i64], raw: Vec<u8>) -> TensorProto {
    TensorProto {
        dims: dims.to_vec(),
        data_type: Some(kind),
        name: Some(name.to_owned()),
        raw_data: Some(raw),
        ..TensorProto::default()
    }
}

fn int8(name: &str, dims: &[i64], values: &[i8]) -> TensorProto {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, INT8, dims, raw)
}

fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, FLOAT, dims, raw)
}

fn shape(name: &str, values: &[i64]) -> TensorProto {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, INT64, &[values.len() as i64], raw)
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|n| (*n).to_owned()).collect()
}

fn dequantize_node(attributes: Vec<AttributeProto>) -> NodeProto {
    node("DequantizeLinear", names(&["q", "s", "z"]), "w".to_owned(), attributes)
}

fn picture() -> Vec<Dimension> {
    [1, 3, 640, 640].map(Dimension::fixed).to_vec()
}

/// A graph that multiplies its input with the weight "w" (or what the nodes make of it).
fn graph(initializer: Vec<TensorProto>, mut nodes: Vec<NodeProto>, weight: &str) -> Vec<u8> {
    nodes.push(node("Mul", names(&["x", weight]), "y".to_owned(), Vec::new()));
    let inputs = ["x", "leftover", "q"];
    model(GraphProto {
        node: nodes,
        name: Some("g".to_owned()),
        initializer,
        input: inputs.map(|n| float_value(n, picture())).to_vec(),
        output: vec![float_value("y", [1, 6400, 4].map(Dimension::fixed).to_vec())],
    })
}

fn folded(bytes: &[u8], size: InputSize) -> GraphProto {
    let out = fold(bytes, size).unwrap();
    assert_eq!(out, fold(bytes, size).unwrap(), "the same input, other bytes");
    ModelProto::decode(out.as_slice()).unwrap().graph.unwrap()
}

fn weight(graph: &GraphProto) -> (Vec<i64>, Vec<f32>) {
    let [w] = graph.initializer.as_slice() else {
        panic!("{} constants are left", graph.initializer.len());
    };
    let raw = w.raw_data.as_deref().unwrap().as_chunks::<4>().0;
    (w.dims.clone(), raw.iter().map(|b| f32::from_le_bytes(*b)).collect())
}

fn fold_one(q: TensorProto, s: TensorProto, z: TensorProto, a: Vec<AttributeProto>) -> (Vec<i64>, Vec<f32>) {
    weight(&folded(&graph(vec![q, s, z], vec![dequantize_node(a)], "w"), InputSize::AsIs))
}

#[test]
fn blocks_along_a_row_have_their_own_scale() {
    let made = fold_one(
        int8("q", &[2, 5], &[1, 2, 3, 4, 5, -1, -2, -3, -4, -5]),
        floats("s", &[2, 2], &[1.0, 10.0, 100.0, 0.5]),
        int8("z", &[2, 2], &[0, 1, 0, -1]),
        vec![AttributeProto::int("axis", 1), AttributeProto::int("block_size", 3)],
    );
    let expected = vec![1.0, 2.0, 3.0, 30.0, 40.0, -100.0, -200.0, -300.0, -1.5, -2.0];
    assert_eq!(made, (vec![2, 5], expected));
}

#[test]
fn blocks_down_a_column_are_kept_apart_by_inner_place() {
    let made = fold_one(
        int8("q", &[3, 2], &[1, 1, 1, 1, 1, 1]),
        floats("s", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        int8("z", &[2, 2], &[0; 4]),
        vec![AttributeProto::int("axis", 0), AttributeProto::int("block_size", 2)],
    );
    assert_eq!(made.1, vec![1.0, 2.0, 1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn blocks_of_one_have_a_scale_each() {
    let made = fold_one(
        int8("q", &[2, 2], &[1, 1, 1, 1]),
        floats("s", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        int8("z", &[2, 2], &[0; 4]),
        vec![AttributeProto::int("axis", -1), AttributeProto::int("block_size", 1)],
    );
    assert_eq!(made.1, vec![1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn an_axis_has_a_scale_for_each_channel() {
    let made = fold_one(
        int8("q", &[2, 1, 2], &[1, 2, 3, 4]),
        floats("s", &[2], &[1.0, 10.0]),
        int8("z", &[2], &[0, 1]),
        vec![AttributeProto::int("axis", 0)],
    );
    assert_eq!(made, (vec![2, 1, 2], vec![1.0, 2.0, 20.0, 30.0]));
}

#[test]
fn a_tensor_has_one_scale_and_may_come_unpacked() {
    let unpacked = |name: &str, dims: &[i64], values: &[i32]| TensorProto {
        dims: dims.to_vec(),
        data_type: Some(UINT8),
        int32_data: values.to_vec(),
        name: Some(name.to_owned()),
        ..TensorProto::default()
    };
    let made = fold_one(
        unpacked("q", &[2], &[0, 255]),
        floats("s", &[], &[0.5]),
        unpacked("z", &[], &[128]),
        // A block size on a single scale is what one engine refuses.
        vec![AttributeProto::int("axis", 0), AttributeProto::int("block_size", 64)],
    );
    assert_eq!(made, (vec![2], vec![-64.0, 63.5]));
}

#[test]
fn shapes_inputs_and_leftovers_are_cleaned() {
    let q = int8("q", &[1, 4], &[1, 2, 3, 4]);
    let constants = vec![
        q,
        floats("s", &[1], &[2.0]),
        int8("z", &[1], &[0]),
        shape("to", &[2, -1]),
        floats("leftover", &[1], &[9.0]),
    ];
    let nodes = vec![
        dequantize_node(Vec::new()),
        node("Reshape", names(&["w", "to"]), "w2".to_owned(), Vec::new()),
        node("Dropout", names(&["x"]), "unused".to_owned(), Vec::new()),
    ];
    let g = folded(&graph(constants, nodes, "w2"), InputSize::Free);
    assert_eq!(weight(&g), (vec![2, 2], vec![2.0, 4.0, 6.0, 8.0]));
    let ops: Vec<&str> = g.node.iter().map(NodeProto::op).collect();
    assert_eq!(ops, ["Identity", "Mul"]);
    assert_eq!(g.input.len(), 1, "constants are not inputs");
    let free = vec![Dimension::fixed(1), Dimension::fixed(3), Dimension::free("H"), Dimension::free("W")];
    assert_eq!(g.input, vec![float_value("x", free)]);
    let cells = vec![Dimension::fixed(1), Dimension::free("n_y"), Dimension::fixed(4)];
    assert_eq!(g.output, vec![float_value("y", cells)]);
}

#[test]
fn attributes_of_kept_nodes_survive() {
    let mut norm = node("BatchNormalization", names(&["x"]), "n".to_owned(), Vec::new());
    norm.name = Some("bn".to_owned());
    norm.attribute = vec![
        AttributeProto::int("spatial", 1),
        AttributeProto {
            name: Some("epsilon".to_owned()),
            f: Some(1e-5),
            r#type: Some(1),
            ..AttributeProto::default()
        },
        AttributeProto::ints("pads", &[0, 1]),
        AttributeProto::text("auto_pad", "NOTSET"),
    ];
    let kept = norm.attribute[1..].to_vec();
    let g = folded(&graph(vec![floats("w", &[1], &[1.0])], vec![norm], "w"), InputSize::AsIs);
    assert_eq!(g.node[0].attribute, kept);
    assert_eq!(g.node[0].name.as_deref(), Some("bn"));
    assert_eq!(g.input, vec![float_value("x", picture())]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let block = || vec![AttributeProto::int("axis", 1), AttributeProto::int("block_size", 2)];
    let try_fold = |q: TensorProto, s: TensorProto, z: TensorProto| {
        fold(&graph(vec![q, s, z], vec![dequantize_node(block())], "w"), InputSize::AsIs)
    };
    let q = || int8("q", &[1, 4], &[1, 2, 3, 4]);
    let z = || int8("z", &[1, 2], &[0, 0]);
    assert!(try_fold(q(), floats("s", &[1, 2], &[1.0, 1.0]), z()).is_ok());
    assert!(try_fold(q(), floats("s", &[1, 3], &[1.0; 3]), z()).is_err(), "scales");
    assert!(try_fold(q(), floats("s", &[1, 2], &[1.0]), z()).is_err(), "cut values");
    let short = int8("q", &[1, 4], &[1, 2, 3]);
    assert!(try_fold(short, floats("s", &[1, 2], &[1.0; 2]), z()).is_err(), "cut weights");
    let huge = int8("q", &[i64::MAX, 2], &[1]);
    assert!(try_fold(huge, floats("s", &[1, 2], &[1.0; 2]), z()).is_err(), "huge");
    let negative = int8("q", &[-1, 4], &[1]);
    assert!(try_fold(negative, floats("s", &[1, 2], &[1.0; 2]), z()).is_err(), "negative");
    assert!(fold(b"no protobuf at all", InputSize::AsIs).is_err());
    assert!(fold(b"", InputSize::AsIs).is_err());
}
