//! What the face service says.

use serde::Serialize;
use utoipa::ToSchema;

/// Place of a face, picture pixels from the top left of the upright picture; may reach over the edge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoxView {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FaceView {
    #[serde(rename = "box")]
    pub place: BoxView,
    /// What to do about the picture of this face; empty: nothing.
    pub hints: Vec<String>,
}

/// All faces of a picture, the largest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DetectedView {
    pub width: u32,
    pub height: u32,
    pub faces: Vec<FaceView>,
}

/// How usable a picture is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PictureView {
    /// Nothing to mend.
    pub good: bool,
    /// Of `no_face`, `several_faces`, `come_closer`, `hold_still`, `more_light`, `less_light`, `look_at_camera`.
    pub hints: Vec<String>,
}

/// Same person: yes or no, each at a false match rate: the share of pairs of strangers that would get a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SamePersonView {
    pub fmr_1e4: bool,
    pub fmr_1e5: bool,
    pub fmr_1e6: bool,
    pub claimable: ClaimsView,
}

/// Whether enough strangers were compared to claim each rate; where not, the threshold lies beyond the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimsView {
    pub fmr_1e4: bool,
    pub fmr_1e5: bool,
    pub fmr_1e6: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedView {
    /// Absent when one side shows no face.
    pub same_person: Option<SamePersonView>,
    /// One for each picture, in order.
    pub first: Vec<PictureView>,
    pub second: Vec<PictureView>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CollectionView {
    pub id: String,
    pub name: String,
    pub purpose: String,
    pub created_at: String,
    pub people: u32,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonView {
    pub id: String,
    pub reference: String,
    pub consent_text_version: String,
    pub created_at: String,
    /// This face is in the collection already, it seems: there is a review to resolve. Only in the answer that enrolled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_suspected: Option<bool>,
    /// Hints for each picture. Only in the answer that enrolled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PictureView>,
}

/// Who was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundView {
    pub person: String,
    pub reference: String,
    pub same_person: SamePersonView,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchedView {
    pub found: Option<FoundView>,
    /// A second person of the collection looks the same: ask for another proof before you act.
    pub second_factor_needed: bool,
    /// People compared. The rate of false finds is at most this many times the false match rate.
    pub compared: u32,
    pub pictures: Vec<PictureView>,
}

/// Two people of a collection who may be one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewView {
    pub id: String,
    pub person: String,
    pub other: String,
    pub found_at: String,
}

impl SamePersonView {
    pub const fn new(s: decide::faces::SamePerson, c: decide::faces::Claims) -> Self {
        let claimable = ClaimsView { fmr_1e4: c.fmr_1e4, fmr_1e5: c.fmr_1e5, fmr_1e6: c.fmr_1e6 };
        Self { fmr_1e4: s.fmr_1e4, fmr_1e5: s.fmr_1e5, fmr_1e6: s.fmr_1e6, claimable }
    }
}
