//! Puts an ONNX graph together, operator by operator; names are numbered, so the same calls give the same bytes.

use super::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto, model, node};
use super::tensor::{Data, Tensor};
use crate::ModelsError;

/// A graph under construction. A value is known by its name.
#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    names: usize,
}

impl Graph {
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}{}", self.names)
    }

    /// Adds an operator and gives its output's name.
    pub(super) fn op(&mut self, op: &str, input: Vec<String>, attributes: Vec<AttributeProto>) -> String {
        let out = self.name("t");
        self.nodes.push(node(op, input, out.clone(), attributes));
        out
    }

    /// The last operator: its output is the graph's, under this name.
    pub(super) fn output(&mut self, op: &str, input: Vec<String>, name: &str, attributes: Vec<AttributeProto>) {
        self.nodes.push(node(op, input, name.to_owned(), attributes));
    }

    pub(super) fn constant(&mut self, dims: Vec<usize>, values: Vec<f32>) -> Result<String, ModelsError> {
        self.tensor(&Tensor::floats(dims, values))
    }

    pub(super) fn tensor(&mut self, tensor: &Tensor) -> Result<String, ModelsError> {
        let name = self.name("w");
        self.constants.push(tensor.write(&name)?);
        Ok(name)
    }

    /// A list of integers, such as a shape.
    pub(super) fn list(&mut self, values: &[i64]) -> Result<String, ModelsError> {
        self.tensor(&Tensor { dims: vec![values.len()], data: Data::I64(values.to_vec()) })
    }

    pub(super) fn reshape(&mut self, x: String, dims: &[i64]) -> Result<String, ModelsError> {
        let dims = self.list(dims)?;
        Ok(self.op("Reshape", vec![x, dims], Vec::new()))
    }

    pub(super) fn transpose(&mut self, x: String, axes: &[i64]) -> String {
        self.op("Transpose", vec![x], vec![AttributeProto::ints("perm", axes)])
    }

    /// The file.
    pub(super) fn finish(self, name: &str, input: Vec<ValueInfoProto>, output: Vec<ValueInfoProto>) -> Vec<u8> {
        let name = Some(name.to_owned());
        model(GraphProto { node: self.nodes, name, initializer: self.constants, input, output })
    }
}
