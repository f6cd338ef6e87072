//! Other networks than those that ship, each named by a manifest (`models::Plug`), in the forms that `face` runs.

use std::path::PathBuf;

use clap::Args;
use decide::Calibration;
use face::{
    ARCFACE_TEMPLATE, ChannelOrder, Colours, Crop, DetectorForm, ExpressionForm, LandmarkForm, Layout, ModelId,
    Network, Networks, Point, RecogniserForm,
};
use models::{ModelFiles, ModelsError, Plug, PlugInput, PlugLayout, PlugOrder, PlugRole, PlugTemplate};

use crate::boot::engine;

/// Which networks are run.
#[derive(Clone, Debug, Default, Args)]
pub struct PlugArgs {
    /// Manifest of a network to use instead of the one that ships (recogniser, detector, landmarks or expression; may be given
    /// several times)
    #[arg(long = "model", value_name = "FILE")]
    models: Vec<PathBuf>,
    /// Manifest of a recogniser that templates are still of: it judges them until their payers are enrolled under the new one
    /// (the one that ships needs no manifest; may be given several times)
    #[arg(long = "former-model", value_name = "FILE")]
    former: Vec<PathBuf>,
}

/// Checked manifests.
#[derive(Clone, Debug, Default)]
pub struct Plugs {
    chosen: Vec<Plug>,
    former: Vec<Plug>,
}

/// What a network takes the side of, for ArcFace's template.
const ARCFACE_SIDE: f32 = 112.0;

impl PlugArgs {
    /// Reads every manifest and hashes every file.
    ///
    /// # Errors
    /// The first manifest that is not right; two for one role; a former model that is no recogniser.
    pub fn read(&self) -> Result<Plugs, ModelsError> {
        let read = |paths: &[PathBuf]| paths.iter().map(|p| Plug::read(p)).collect::<Result<Vec<_>, _>>();
        let plugs = Plugs { chosen: read(&self.models)?, former: read(&self.former)? };
        for (i, plug) in plugs.chosen.iter().enumerate() {
            if plugs.chosen.iter().skip(i + 1).any(|p| p.role == plug.role) {
                return Err(refuse(plug, format!("there are two for the role {}", plug.role.name())));
            }
        }
        match plugs.former.iter().find(|p| p.role != PlugRole::Recogniser) {
            Some(plug) => Err(refuse(plug, "only a recogniser can be a former model".to_owned())),
            None => Ok(plugs),
        }
    }
}

fn refuse(plug: &Plug, reason: String) -> ModelsError {
    ModelsError::Plug { manifest: plug.manifest.clone(), reason }
}

impl Plugs {
    /// One network in place of the shipped one.
    pub fn one(plug: Plug) -> Self {
        Self { chosen: vec![plug], former: Vec::new() }
    }

    /// The weight files.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.chosen.iter().chain(&self.former).map(|p| p.file.clone())
    }

    fn of(&self, role: PlugRole) -> Option<&Plug> {
        self.chosen.iter().find(|p| p.role == role)
    }

    /// The recogniser in use, where it is not the one that ships.
    pub fn recogniser(&self) -> Option<&Plug> {
        self.of(PlugRole::Recogniser)
    }

    /// All networks. The shipped recogniser stays beside another one: templates may be of it.
    pub fn networks(&self, files: &ModelFiles) -> Networks {
        let mut networks = Networks::shipped(&engine::paths(files));
        if let Some(plug) = self.recogniser() {
            let shipped = std::mem::replace(&mut networks.recogniser, recogniser(plug));
            networks.former.push(shipped);
        }
        networks.former.extend(self.former.iter().map(recogniser));
        // One id is one network: a manifest for the shipped one, or for the one in use, adds nothing.
        let current = networks.recogniser.form.id.clone();
        networks.former.retain(|n| n.form.id != current);
        if let Some(plug) = self.of(PlugRole::Detector) {
            networks.detector = Network { path: plug.file.clone(), form: detector(plug) };
        }
        if let Some(plug) = self.of(PlugRole::Landmarks) {
            let form = LandmarkForm { crop: crop(&plug.input), output: output(plug), margin: plug.margin };
            networks.landmarks = Network { path: plug.file.clone(), form };
        }
        if let Some(plug) = self.of(PlugRole::Expression) {
            let classes = plug.output.as_ref().map_or(0, |o| o.length);
            let form = ExpressionForm { crop: crop(&plug.input), output: output(plug), classes, happy: plug.happy };
            networks.expression = Network { path: plug.file.clone(), form };
        }
        networks
    }

    /// What the scores of the recogniser in use mean: its own calibration, which must be of its id.
    ///
    /// # Errors
    /// It has none, or one of another recogniser.
    pub fn calibration(&self) -> Result<Option<Calibration>, ModelsError> {
        self.recogniser().map(calibration_of).transpose()
    }

    /// Those of the former recognisers; the one that ships is among them where another one is in use.
    ///
    /// # Errors
    /// As [`Plugs::calibration`].
    pub fn former_calibrations(&self) -> Result<Vec<Calibration>, ModelsError> {
        let mut all = self.former.iter().map(calibration_of).collect::<Result<Vec<_>, _>>()?;
        let shipped = Calibration::shipped();
        let known = all.iter().any(|c| c.model == shipped.model);
        if !known && self.recogniser().is_some_and(|p| p.id != shipped.model) {
            all.push(shipped);
        }
        Ok(all)
    }
}

/// The calibration that a recogniser's manifest names.
///
/// # Errors
/// It names none, it cannot be read, or it is of another recogniser.
pub fn calibration_of(plug: &Plug) -> Result<Calibration, ModelsError> {
    let path = plug.calibration.as_ref().ok_or_else(|| {
        let make = "make one with `smilepay evaluate calibrate --model THIS --out FILE` and name it in the manifest";
        refuse(plug, format!("it names no calibration, so nobody knows what its scores mean: {make}"))
    })?;
    let failed = |why: String| refuse(plug, format!("its calibration {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    let read = Calibration::parse(&text).map_err(|e| failed(e.to_string()))?;
    if read.model != plug.id {
        return Err(failed(format!("it is of the recogniser {}, not of {}", read.model, plug.id)));
    }
    Ok(read)
}

fn colours(input: &PlugInput) -> Colours {
    let order = match input.order {
        PlugOrder::Rgb => ChannelOrder::Rgb,
        PlugOrder::Bgr => ChannelOrder::Bgr,
    };
    Colours { order, mean: input.mean, deviation: input.std }
}

fn crop(input: &PlugInput) -> Crop {
    let layout = match input.layout {
        PlugLayout::Planes => Layout::Planes,
        PlugLayout::Packed => Layout::Packed,
    };
    Crop { size: input.size, layout, colours: colours(input) }
}

fn output(plug: &Plug) -> String {
    plug.output.as_ref().map(|o| o.name.clone()).unwrap_or_default()
}

fn recogniser(plug: &Plug) -> Network<RecogniserForm> {
    let crop = crop(&plug.input);
    let scale = crop.size_f() / ARCFACE_SIDE;
    let template = match plug.template {
        PlugTemplate::Points(points) => points.map(|[x, y]| Point::new(x, y)),
        PlugTemplate::Named(_) | PlugTemplate::Unsaid => ARCFACE_TEMPLATE.map(|p| Point::new(p.x * scale, p.y * scale)),
    };
    let form = RecogniserForm {
        id: ModelId::new(&plug.id),
        crop,
        template,
        output: output(plug),
        length: plug.output.as_ref().map_or(0, |o| o.length),
        unit: plug.output.as_ref().is_some_and(|o| o.normalised),
        mirror: plug.mirror,
    };
    Network { path: plug.file.clone(), form }
}

fn detector(plug: &Plug) -> DetectorForm {
    let mut form = DetectorForm { colours: colours(&plug.input), ..DetectorForm::yunet() };
    for (level, given) in form.levels.iter_mut().zip(&plug.levels) {
        *level = (given.stride, given.outputs.clone());
    }
    form
}
