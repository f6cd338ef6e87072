//! SECURITY.md's table of threats: each row names a control and tests, and each of these tests is there and is run.

use std::path::Path;

/// Where the table starts.
const HEADING: &str = "## Threats over the way of a payment (STRIDE)";

/// Every breach, one sentence each.
///
/// # Errors
/// SECURITY.md cannot be read.
pub fn breaches(root: &Path) -> Result<Vec<String>, String> {
    let file = root.join("SECURITY.md");
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    Ok(breaches_in(&text, &read))
}

fn breaches_in(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let table = text.split(HEADING).nth(1).unwrap_or_default();
    let rows: Vec<&str> =
        table.lines().skip_while(|l| !l.starts_with("|---")).skip(1).take_while(|l| l.starts_with('|')).collect();
    if rows.is_empty() {
        return vec!["SECURITY.md has no table of threats".to_owned()];
    }
    let mut found = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [step, threat, kind, control, shown] = cells.as_slice() else {
            found.push(format!("five cells are wanted: {row}"));
            continue;
        };
        let name = format!("{step}: {threat}");
        if control.is_empty() || !kind.split(", ").all(|k| ["S", "T", "R", "I", "D", "E"].contains(&k)) {
            found.push(format!("{name}: no control, or a kind that is none of S T R I D E"));
        }
        found.extend(tests_of(shown, read).into_iter().map(|why| format!("{name}: {why}")));
    }
    found
}

/// `` `crates/x/tests/y.rs`: `name`, `name`; `tests/browser/cases.mjs`: `name` ``: what is wrong with it.
fn tests_of(shown: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut named = 0;
    for group in shown.split(';') {
        let mut ticked = group.split('`').skip(1).step_by(2);
        let Some(path) = ticked.next() else { continue };
        let Some(source) = read(path) else {
            wrong.push(format!("{path} is not there"));
            continue;
        };
        for test in ticked {
            named += 1;
            if !is_test(path, &source, test) {
                wrong.push(format!("{path} has no test `{test}` that runs"));
            }
        }
    }
    if named == 0 {
        wrong.push("names no test".to_owned());
    }
    wrong
}

/// A browser case's name stands in the list of its file; a Rust test has its attribute and is not left out.
fn is_test(path: &str, source: &str, name: &str) -> bool {
    if path.ends_with(".mjs") {
        return source.contains(&format!("[\"{name}\","));
    }
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    let Some(at) = lines.iter().position(|l| l.trim_start_matches("async ").starts_with(&head)) else { return false };
    let above = lines.iter().take(at).rev().take_while(|l| l.starts_with('#') || l.starts_with("//"));
    let attributes: Vec<&&str> = above.filter(|l| l.starts_with('#')).collect();
    let test = |l: &&&str| l.contains("test]") || l.contains("tokio::test(");
    attributes.iter().any(test) && !attributes.iter().any(|l| l.contains("ignore"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "#[test]\nfn one() {}\n#[tokio::test]\nasync fn two() {}\nfn helper() {}\n#[test]\n#[ignore]\nfn left_out() {}";

    fn table(rows: &str) -> Vec<String> {
        let text =
            format!("{HEADING}\n\n| step | threat | | control | shown by |\n|---|---|---|---|---|\n{rows}\n\nend");
        breaches_in(&text, &|path| match path {
            "a.rs" => Some(SOURCE.to_owned()),
            "c.mjs" => Some("[\"a case\", act],".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn a_row_without_a_test_that_runs_is_found() {
        assert_eq!(table("| any | x | S, T | c | `a.rs`: `one`, `two`; `c.mjs`: `a case` |"), Vec::<String>::new());
        for (row, says) in [
            ("| any | x | S | c | by hand |", "names no test"),
            ("| any | x | S | c | `a.rs`: `helper` |", "has no test `helper`"),
            ("| any | x | S | c | `a.rs`: `left_out` |", "has no test `left_out`"),
            ("| any | x | S | c | `a.rs`: `gone` |", "has no test `gone`"),
            ("| any | x | S | c | `b.rs`: `one` |", "b.rs is not there"),
            ("| any | x | S |  | `a.rs`: `one` |", "no control"),
            ("| any | x | Q | c | `a.rs`: `one` |", "no control"),
            ("| any | x | S | c |", "five cells"),
        ] {
            let found = table(row);
            assert!(found.iter().any(|f| f.contains(says)), "{row}: {found:?}");
        }
        assert_eq!(table("").len(), 1);
    }

    #[test]
    fn the_table_of_this_repository_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert_eq!(breaches(&root), Ok(Vec::new()));
    }
}
