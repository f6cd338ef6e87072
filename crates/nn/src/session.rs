use std::sync::{Arc, PoisonError};

use openvino::{ElementType, InferRequest, InferenceError, Shape, Tensor};

use crate::engine::Compiled;
use crate::error::NnError;

/// One network, one thread: input memory, output memory and scratch space that are reused by each run. A run copies nothing
/// in or out and takes no memory.
pub struct Session {
    request: InferRequest,
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
    // Declared last, so that the request is gone before the network it belongs to.
    model: Arc<Compiled>,
}

impl Session {
    pub(crate) fn new(model: Arc<Compiled>) -> Result<Self, NnError> {
        let failed = |e: InferenceError| NnError::Run { reason: e.to_string() };
        let mut request = {
            let mut network = model.network.lock().unwrap_or_else(PoisonError::into_inner);
            network.create_infer_request().map_err(failed)?
        };
        let mut inputs = Vec::with_capacity(model.inputs.len());
        for (name, dims) in &model.inputs {
            let shape = Shape::new(dims).map_err(failed)?;
            let input = Tensor::new(ElementType::F32, &shape).map_err(failed)?;
            let set = match name {
                Some(name) => request.set_tensor(name, &input),
                None => request.set_input_tensor(&input),
            };
            let name = name.unwrap_or("input").to_owned();
            set.map_err(|e| NnError::Shape { name, reason: e.to_string() })?;
            inputs.push(input);
        }
        // Sizes are fixed, so each run writes into the same output memory.
        let outputs = model.output_names.iter().map(|name| {
            let tensor = request.get_tensor(name).map_err(failed)?;
            check_f32(&tensor, name)?;
            Ok(tensor)
        });
        let outputs = outputs.collect::<Result<_, NnError>>()?;
        Ok(Self { request, inputs, outputs, model })
    }

    /// The only (or first) input tensor's memory; what is in it stays from run to run.
    ///
    /// # Errors
    /// The engine does not give its memory out.
    pub fn input(&mut self) -> Result<&mut [f32], NnError> {
        self.inputs.first_mut().map_or_else(|| Err(no_input("input")), memory)
    }

    /// The memory of the input called `name`; what is in it stays from run to run.
    ///
    /// # Errors
    /// There is no such input, or the engine does not give its memory out.
    pub fn input_named(&mut self, name: &str) -> Result<&mut [f32], NnError> {
        let index = self.model.inputs.iter().position(|(n, _)| *n == Some(name));
        index.and_then(|i| self.inputs.get_mut(i)).map_or_else(|| Err(no_input(name)), memory)
    }

    /// Lets `fill` write the input in place, runs the network, and lends the outputs.
    ///
    /// # Errors
    /// The engine fails.
    pub fn run(&mut self, fill: impl FnOnce(&mut [f32])) -> Result<Outputs<'_>, NnError> {
        fill(self.input()?);
        self.run_filled()
    }

    /// Overwrites what the inputs and outputs hold, so that nothing of the last picture or sound stays in the engine's memory.
    ///
    /// # Errors
    /// The engine does not give its memory out.
    pub fn forget(&mut self) -> Result<(), NnError> {
        for tensor in self.inputs.iter_mut().chain(&mut self.outputs) {
            memory(tensor)?.fill(0.0);
        }
        Ok(())
    }

    /// Runs the network on what its inputs hold, and lends the outputs.
    ///
    /// # Errors
    /// The engine fails.
    pub fn run_filled(&mut self) -> Result<Outputs<'_>, NnError> {
        self.request.infer().map_err(|e| NnError::Run { reason: e.to_string() })?;
        Ok(Outputs { names: &self.model.output_names, tensors: &self.outputs })
    }
}

fn memory(input: &mut Tensor) -> Result<&mut [f32], NnError> {
    input.get_data_mut::<f32>().map_err(|e| NnError::Run { reason: e.to_string() })
}

fn no_input(name: &str) -> NnError {
    NnError::Shape { name: name.to_owned(), reason: "there is no such input".to_owned() }
}

fn check_f32(tensor: &Tensor, name: &str) -> Result<(), NnError> {
    match tensor.get_element_type() {
        Ok(ElementType::F32) => Ok(()),
        _ => Err(NnError::Shape { name: name.to_owned(), reason: "it is not f32".to_owned() }),
    }
}

/// What a run gave; borrowed from the session until the next run.
pub struct Outputs<'a> {
    names: &'a [String],
    tensors: &'a [Tensor],
}

impl<'a> Outputs<'a> {
    /// The output called `name`, which must hold exactly `len` values.
    ///
    /// # Errors
    /// There is no such output, or it has another size.
    pub fn named(&self, name: &str, len: usize) -> Result<&'a [f32], NnError> {
        let index = self.names.iter().position(|n| n == name);
        let tensor = index.and_then(|i| self.tensors.get(i));
        let tensor = tensor
            .ok_or_else(|| NnError::Shape { name: name.to_owned(), reason: "there is no such output".to_owned() })?;
        values(tensor, name, len)
    }
}

fn values<'a>(tensor: &'a Tensor, name: &str, len: usize) -> Result<&'a [f32], NnError> {
    let data = tensor.get_data::<f32>().map_err(|e| NnError::Run { reason: e.to_string() })?;
    if data.len() == len {
        return Ok(data);
    }
    Err(NnError::Shape { name: name.to_owned(), reason: format!("it holds {} values, not {len}", data.len()) })
}
