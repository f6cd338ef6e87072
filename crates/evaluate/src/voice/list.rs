//! The list of recordings: `path,speaker,text,label,subset,seconds`.

use std::fs;
use std::path::Path;

use voice::Sound;

use crate::EvaluateError;
use crate::limits::{MAX_CLIPS, MAX_LIST_BYTES};

const HEAD: [&str; 5] = ["path", "speaker", "text", "label", "subset"];

/// One recording of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    pub path: String,
    pub speaker: String,
    pub text: String,
    pub label: String,
    pub subset: String,
}

impl Clip {
    pub fn is_bona_fide(&self) -> bool {
        self.label == "bona"
    }
}

pub fn read(path: &Path) -> Result<Vec<Clip>, EvaluateError> {
    let unread = |source| EvaluateError::NoList { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unread)?.len() > MAX_LIST_BYTES {
        return Err(EvaluateError::ListTooLarge { path: path.to_owned() });
    }
    parse(&fs::read_to_string(path).map_err(unread)?).map_err(|(line, reason)| EvaluateError::BadList {
        path: path.to_owned(),
        line,
        reason,
    })
}

fn parse(text: &str) -> Result<Vec<Clip>, (usize, String)> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    let head = lines.next().map(|(_, l)| fields(l)).unwrap_or_default();
    let places: Option<Vec<usize>> = HEAD.iter().map(|name| head.iter().position(|h| h == name)).collect();
    let places = places.ok_or((1, format!("expected the columns {},seconds", HEAD.join(","))))?;
    let mut clips = Vec::new();
    for (at, line) in lines {
        let all = fields(line);
        let mut row = places.iter().map(|p| all.get(*p).cloned());
        let mut next = || row.next().flatten().ok_or((at + 1, "a column is missing".to_owned()));
        let clip = Clip { path: next()?, speaker: next()?, text: next()?, label: next()?, subset: next()? };
        if clip.path.split(['/', '\\']).any(|part| part == "..") || Path::new(&clip.path).is_absolute() {
            return Err((at + 1, "the path leaves the folder".to_owned()));
        }
        clips.push(clip);
        if clips.len() > MAX_CLIPS {
            return Err((at + 1, format!("more than {MAX_CLIPS} clips")));
        }
    }
    Ok(clips)
}

/// Comma-separated, with quoted fields.
fn fields(line: &str) -> Vec<String> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                field.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field.trim_end().to_owned());
    all
}

pub fn sound(data: &Path, clip: &Clip) -> Result<Sound, EvaluateError> {
    let path = data.join(&clip.path);
    let bytes = fs::read(&path).map_err(|source| EvaluateError::NoClip { path: path.clone(), source })?;
    Sound::from_wav(&bytes).map_err(|source| EvaluateError::BadClip { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_quotes_are_taken_off() {
        let text = "path,speaker,text,label,subset,seconds\na.wav,s1,\"one, \"\"two\"\"\",bona,fsdd,0.3\n";
        let clips = parse(text).unwrap();
        assert_eq!(clips[0].text, "one, \"two\"");
        assert!(clips[0].is_bona_fide() && clips[0].subset == "fsdd");
    }

    #[test]
    fn a_list_that_is_none_is_refused_with_its_line() {
        assert_eq!(parse("a,b\n").unwrap_err().0, 1);
        assert_eq!(parse("path,speaker,text,label,subset\nx.wav,s\n").unwrap_err().0, 2);
        assert_eq!(parse("path,speaker,text,label,subset\n../x.wav,s,,bona,u\n").unwrap_err().0, 2);
    }
}
