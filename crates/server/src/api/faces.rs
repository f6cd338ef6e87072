//! The face service: pictures in, yes or no out. Every route needs a restricted key with the right scope.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use serde::Deserialize;
use service::faces::{
    CollectionView, ComparedView, DetectedView, NewPersonRequest, PersonView, PictureView, Resolution, ReviewView,
    SearchedView,
};
use service::view::ErasureView;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::form::PictureForm;
use crate::auth::FaceKey;
use crate::extract::{Body, Path, Query};
use crate::limits::FACES_BODY_BYTES;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

type Form = Result<Multipart, MultipartRejection>;

/// The routes that take pictures allow larger bodies than all others.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(detect))
        .routes(routes!(quality))
        .routes(routes!(compare))
        .routes(routes!(search))
        .routes(routes!(persons, enrol))
        .layer(DefaultBodyLimit::max(FACES_BODY_BYTES))
        .routes(routes!(collections, create_collection))
        .routes(routes!(delete_collection))
        .routes(routes!(erase))
        .routes(routes!(reviews))
        .routes(routes!(resolve))
}

/// `multipart/form-data`
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form")]
struct PictureBody {
    /// JPEG, PNG or WebP; turned upright by its EXIF orientation. At most 8 MiB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    image: String,
}

/// `multipart/form-data`; each field may come up to five times, then the pictures of a side are joined.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form")]
struct CompareBody {
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    first: String,
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    second: String,
}

/// `multipart/form-data`; `image` may come up to five times.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form")]
struct SearchBody {
    collection: String,
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    image: String,
    /// Last digits of a phone number: only people enrolled with the same ones are compared.
    last_digits: Option<String>,
}

/// `multipart/form-data`; `image` may come up to five times.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form")]
struct PersonBody {
    /// Your own name for the person.
    reference: String,
    /// Version of the consent text that the person was shown.
    consent_text_version: String,
    /// `true`: the person has agreed.
    consent_given: String,
    /// For kiosks: last two to six digits of the person's phone number.
    last_digits: Option<String>,
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    image: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCollectionBody {
    name: String,
    /// What the people are told that their faces are for.
    purpose: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveBody {
    resolution: Resolution,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AfterQuery {
    /// Go on after this person.
    after: Option<String>,
}

/// Where the faces of a picture are, and what to do about each.
#[utoipa::path(post, path = "/v1/faces/detect", request_body(content = PictureBody, content_type = "multipart/form-data"), security(("restricted_key" = [])), responses((status = 200, body = DetectedView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn detect(State(state): State<AppState>, FaceKey(key): FaceKey, form: Form) -> ApiResult<Json<DetectedView>> {
    let _place = state.app.face_place()?;
    let mut form = PictureForm::read(form, &["image"], &[]).await?;
    Ok(Json(state.app.detect_faces(&key, form.one("image")?).await?))
}

/// How usable a picture is.
#[utoipa::path(post, path = "/v1/faces/quality", request_body(content = PictureBody, content_type = "multipart/form-data"), security(("restricted_key" = [])), responses((status = 200, body = PictureView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn quality(State(state): State<AppState>, FaceKey(key): FaceKey, form: Form) -> ApiResult<Json<PictureView>> {
    let _place = state.app.face_place()?;
    let mut form = PictureForm::read(form, &["image"], &[]).await?;
    Ok(Json(state.app.picture_quality(&key, form.one("image")?).await?))
}

/// Whether two sets of pictures show one person. Nothing is kept.
#[utoipa::path(post, path = "/v1/faces/compare", request_body(content = CompareBody, content_type = "multipart/form-data"), security(("restricted_key" = [])), responses((status = 200, body = ComparedView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn compare(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    form: Form,
) -> ApiResult<Json<ComparedView>> {
    let _place = state.app.face_place()?;
    let mut form = PictureForm::read(form, &["first", "second"], &[]).await?;
    let (first, second) = (form.take("first"), form.take("second"));
    Ok(Json(state.app.compare_faces(&key, first, second).await?))
}

/// Who of a collection is in the pictures.
#[utoipa::path(post, path = "/v1/faces/search", request_body(content = SearchBody, content_type = "multipart/form-data"), security(("restricted_key" = [])), responses((status = 200, body = SearchedView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn search(State(state): State<AppState>, FaceKey(key): FaceKey, form: Form) -> ApiResult<Json<SearchedView>> {
    let _place = state.app.face_place()?;
    let mut form = PictureForm::read(form, &["image"], &["collection", "last_digits"]).await?;
    let pictures = form.take("image");
    Ok(Json(state.app.search_faces(&key, form.needed("collection")?, pictures, form.text("last_digits")).await?))
}

/// The merchant's collections.
#[utoipa::path(get, path = "/v1/faces/collections", security(("restricted_key" = [])), responses((status = 200, body = Vec<CollectionView>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn collections(State(state): State<AppState>, FaceKey(key): FaceKey) -> ApiResult<Json<Vec<CollectionView>>> {
    Ok(Json(state.app.collections(&key).await?))
}

/// Makes a collection for one purpose.
#[utoipa::path(post, path = "/v1/faces/collections", request_body = CreateCollectionBody, security(("restricted_key" = [])), responses((status = 201, body = CollectionView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn create_collection(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Body(body): Body<CreateCollectionBody>,
) -> ApiResult<(StatusCode, Json<CollectionView>)> {
    Ok((StatusCode::CREATED, Json(state.app.create_collection(&key, body.name, body.purpose).await?)))
}

/// Ends a collection that holds nobody any more.
#[utoipa::path(delete, path = "/v1/faces/collections/{id}", params(("id" = String, Path)), security(("restricted_key" = [])), responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn delete_collection(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    state.app.delete_collection(&key, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// People of a collection, a hundred at a time.
#[utoipa::path(get, path = "/v1/faces/collections/{id}/persons", params(("id" = String, Path), AfterQuery), security(("restricted_key" = [])), responses((status = 200, body = Vec<PersonView>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn persons(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path(id): Path<String>,
    Query(query): Query<AfterQuery>,
) -> ApiResult<Json<Vec<PersonView>>> {
    Ok(Json(state.app.persons(&key, &id, query.after.as_deref()).await?))
}

/// Enrols a person with their consent.
#[utoipa::path(post, path = "/v1/faces/collections/{id}/persons", params(("id" = String, Path)), request_body(content = PersonBody, content_type = "multipart/form-data"), security(("restricted_key" = [])), responses((status = 201, body = PersonView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn enrol(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path(id): Path<String>,
    form: Form,
) -> ApiResult<(StatusCode, Json<PersonView>)> {
    let _place = state.app.face_place()?;
    let texts = ["reference", "consent_text_version", "consent_given", "last_digits"];
    let mut form = PictureForm::read(form, &["image"], &texts).await?;
    let new = NewPersonRequest {
        pictures: form.take("image"),
        reference: form.needed("reference")?.to_owned(),
        consent_text_version: form.needed("consent_text_version")?.to_owned(),
        consent_given: form.text("consent_given") == Some("true"),
        last_digits: form.text("last_digits").map(str::to_owned),
    };
    Ok((StatusCode::CREATED, Json(state.app.enrol_person(&key, &id, new).await?)))
}

/// Erases a person: the keys are destroyed, the proof stays.
#[utoipa::path(delete, path = "/v1/faces/collections/{id}/persons/{person}", params(("id" = String, Path), ("person" = String, Path)), security(("restricted_key" = [])), responses((status = 200, body = ErasureView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn erase(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path((id, person)): Path<(String, String)>,
) -> ApiResult<Json<ErasureView>> {
    Ok(Json(state.app.erase_person(&key, &id, &person).await?))
}

/// Pairs of people who may be one, not looked at yet.
#[utoipa::path(get, path = "/v1/faces/collections/{id}/reviews", params(("id" = String, Path)), security(("restricted_key" = [])), responses((status = 200, body = Vec<ReviewView>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn reviews(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path(id): Path<String>,
) -> ApiResult<Json<Vec<ReviewView>>> {
    Ok(Json(state.app.face_reviews(&key, &id).await?))
}

/// Ends a review.
#[utoipa::path(post, path = "/v1/faces/collections/{id}/reviews/{review}", params(("id" = String, Path), ("review" = String, Path)), request_body = ResolveBody, security(("restricted_key" = [])), responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub async fn resolve(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path((id, review)): Path<(String, String)>,
    Body(body): Body<ResolveBody>,
) -> ApiResult<StatusCode> {
    state.app.resolve_face_review(&key, &id, &review, body.resolution).await?;
    Ok(StatusCode::NO_CONTENT)
}
