//! A page to try the face service with two pictures. In test mode only: it works without a key.

use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use words::Language;

use super::reply::{Page, show};
use super::shop::csrf;
use super::{strings, views};
use crate::api::PictureForm;
use crate::auth::Payer;
use crate::extract::Device;
use crate::language;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

pub async fn page(State(state): State<AppState>, payer: Option<Payer>) -> Page {
    only_in_test_mode(&state)?;
    show(&views::Faces::new(csrf(payer)))
}

/// Compares and shows the page again with the answer. What the sender can mend is said on the page.
pub async fn compare(
    State(state): State<AppState>,
    payer: Option<Payer>,
    Device(device): Device,
    form: Result<Multipart, MultipartRejection>,
) -> Page {
    only_in_test_mode(&state)?;
    if state.rate.take(device.address, std::time::Instant::now()).is_err() {
        return Err(service::Error::Busy.into());
    }
    let _place = state.app.face_place()?;
    let page = views::Faces::new(csrf(payer));
    match compared(&state, form).await {
        Ok(view) => show(&page.with_answer(&view)),
        Err(problem) if problem.status().is_client_error() => show(&page.with_wrong(wrong(problem))),
        Err(problem) => Err(problem.into()),
    }
}

async fn compared(
    state: &AppState,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<service::faces::ComparedView> {
    let mut form = PictureForm::read(form, &["first", "second"], &[]).await?;
    Ok(state.app.compare_pictures(form.take("first"), form.take("second")).await?)
}

/// What was wrong with the pictures.
fn wrong(problem: Problem) -> String {
    match language::current() {
        Language::English => problem.detail,
        _ => strings::fill("api.invalid_request", &[("field", strings::text("api.field.picture"))]),
    }
}

fn only_in_test_mode(state: &AppState) -> ApiResult<()> {
    if state.app.is_test_mode() {
        return Ok(());
    }
    Err(Problem::from(service::Error::NotFound("page")))
}
