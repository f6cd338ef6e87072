//! Pictures in `multipart/form-data`, as `curl -F` and a page's form send them.

use axum::extract::Multipart;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::http::StatusCode;

use crate::limits::{FORM_FIELDS, FORM_TEXT_BYTES};
use crate::problem::{ApiResult, Problem};

/// What a form held. Empty pictures (a file input left empty) are left out.
#[derive(Default)]
pub struct PictureForm {
    pictures: Vec<(String, Vec<u8>)>,
    texts: Vec<(String, String)>,
}

impl PictureForm {
    /// Reads a form whose picture fields are called `pictures` and whose text fields `texts`; any other field is refused.
    ///
    /// # Errors
    /// Not a form, unknown fields, too large.
    pub async fn read(
        multipart: Result<Multipart, MultipartRejection>,
        pictures: &[&str],
        texts: &[&str],
    ) -> ApiResult<Self> {
        let mut multipart = multipart.map_err(|e| invalid(e.body_text()))?;
        let mut form = Self::default();
        for _ in 0..FORM_FIELDS {
            let Some(field) = multipart.next_field().await.map_err(|e| broken(&e))? else { return Ok(form) };
            let name = field.name().unwrap_or("").to_owned();
            let bytes = field.bytes().await.map_err(|e| broken(&e))?;
            if pictures.contains(&name.as_str()) {
                if !bytes.is_empty() {
                    form.pictures.push((name, bytes.to_vec()));
                }
            } else if texts.contains(&name.as_str()) && bytes.len() <= FORM_TEXT_BYTES {
                let text = String::from_utf8(bytes.to_vec()).map_err(|_| invalid(format!("{name}: not UTF-8")))?;
                form.texts.push((name, text));
            } else {
                return Err(invalid(format!("{name}: not a field of this form, or too long")));
            }
        }
        Err(invalid(format!("a form has at most {FORM_FIELDS} fields")))
    }

    /// The pictures of one field, in order.
    pub fn take(&mut self, name: &str) -> Vec<Vec<u8>> {
        self.pictures.iter_mut().filter(|(n, _)| n == name).map(|(_, bytes)| std::mem::take(bytes)).collect()
    }

    /// The only picture of a field.
    ///
    /// # Errors
    /// None, or several.
    pub fn one(&mut self, name: &str) -> ApiResult<Vec<u8>> {
        let mut all = self.take(name);
        match (all.pop(), all.is_empty()) {
            (Some(picture), true) => Ok(picture),
            _ => Err(invalid(format!("{name}: send one picture"))),
        }
    }

    /// A text field; the first one where there are several.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// A text field that must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn needed(&self, name: &str) -> ApiResult<&str> {
        self.text(name).ok_or_else(|| invalid(format!("{name}: is missing")))
    }
}

fn invalid(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
}

fn broken(error: &MultipartError) -> Problem {
    let status = error.status();
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE { "too_large" } else { "invalid_request" };
    Problem::new(status, code, error.body_text())
}
