use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use crate::columns::Columns;
use crate::error::EvaluateError;
use crate::pairs::PairList;

/// How lists call people whose group nobody wrote down.
const UNLABELLED: &str = "Unlabelled";

/// One person of one set, with the places of the pictures in the list of all pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub set: String,
    pub name: String,
    /// Empty when unknown.
    pub group: String,
    pub pictures: Vec<usize>,
}

/// Reads a CSV file with the columns `path,person,set,group` and adds pictures not yet in `images` to it. People come out
/// ordered by set and name, pictures by path, so that the order of the lines means nothing.
///
/// # Errors
/// The file is missing, too large, empty or malformed.
pub fn read(path: &Path, images: &mut Vec<String>) -> Result<Vec<Person>, EvaluateError> {
    let text = crate::columns::read_list(path)?;
    let people = parse(&text, images).map_err(|(line, reason)| EvaluateError::BadPeople {
        path: path.to_owned(),
        line,
        reason,
    })?;
    if people.is_empty() { Err(EvaluateError::Empty { path: path.to_owned() }) } else { Ok(people) }
}

/// Set and name.
type Key = (String, String);

/// Pictures (path and place) of one person while the list is read.
#[derive(Default)]
struct Found {
    group: String,
    pictures: Vec<(String, usize)>,
}

fn parse(text: &str, images: &mut Vec<String>) -> Result<Vec<Person>, (usize, String)> {
    let (columns, rows) = Columns::read(text, ["path", "person", "set", "group"])?;
    let mut known: HashMap<String, usize> = images.iter().enumerate().map(|(i, n)| (n.clone(), i)).collect();
    let mut people: BTreeMap<Key, Found> = BTreeMap::new();
    for (number, line) in rows {
        let [path, person, set, group] = columns.fields(line).map_err(|e| (number, e))?;
        let place = *known.entry(path.to_owned()).or_insert_with(|| {
            images.push(path.to_owned());
            images.len() - 1
        });
        let entry = people.entry((set.to_owned(), person.to_owned())).or_default();
        group.clone_into(&mut entry.group);
        entry.pictures.push((path.to_owned(), place));
    }
    let person = |((set, name), mut found): (Key, Found)| {
        found.pictures.sort();
        found.pictures.dedup();
        Person { set, name, group: found.group, pictures: found.pictures.into_iter().map(|(_, place)| place).collect() }
    };
    Ok(people.into_iter().map(person).collect())
}

/// Gives people without a group the one that the pairs name for their pictures, where all of those agree.
pub(crate) fn groups_from_pairs(people: &mut [Person], list: &PairList) {
    let mut told: HashMap<usize, BTreeSet<&str>> = HashMap::new();
    for pair in list.pairs.iter().filter(|p| !p.group.is_empty() && p.group != UNLABELLED) {
        for picture in [pair.a, pair.b] {
            told.entry(picture).or_default().insert(&pair.group);
        }
    }
    for person in people.iter_mut().filter(|p| p.group.is_empty()) {
        let names: BTreeSet<&str> = person.pictures.iter().filter_map(|i| told.get(i)).flatten().copied().collect();
        if let (1, Some(name)) = (names.len(), names.first()) {
            (*name).clone_into(&mut person.group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::Pair;

    #[test]
    fn a_group_is_taken_from_the_pairs_only_where_they_agree() {
        let text = "path,person,set,group\na.jpg,x,s,\nb.jpg,x,s,\nc.jpg,y,s,\nd.jpg,z,s,Own\ne.jpg,w,s,\n";
        let pair = |a, b, group: &str| Pair { a, b, same: true, group: group.to_owned(), set: String::new() };
        let mut list = PairList::default();
        let mut people = parse(text, &mut list.images).unwrap();
        list.pairs = vec![pair(0, 1, "G"), pair(2, 2, "G"), pair(2, 2, "H"), pair(3, 3, "G"), pair(4, 4, UNLABELLED)];
        groups_from_pairs(&mut people, &list);
        let groups: Vec<(&str, &str)> = people.iter().map(|p| (p.name.as_str(), p.group.as_str())).collect();
        assert_eq!(groups, [("w", ""), ("x", "G"), ("y", ""), ("z", "Own")]);
    }

    #[test]
    fn people_of_different_sets_stay_apart_and_pictures_are_shared_with_the_pairs() {
        let mut images = vec!["b.jpg".to_owned()];
        let text = "path,person,set,group\nc.jpg,x,two,G\nb.jpg,x,one,\na.jpg,x,one,\na.jpg,x,one,\n";
        let people = parse(text, &mut images).unwrap();
        assert_eq!(images, ["b.jpg", "c.jpg", "a.jpg"]);
        let shown: Vec<(&str, &[usize])> = people.iter().map(|p| (p.set.as_str(), p.pictures.as_slice())).collect();
        assert_eq!(shown, [("one", [2, 0].as_slice()), ("two", [1].as_slice())]);
        assert_eq!(people[1].group, "G");
        assert_eq!(parse("path,person,set\n", &mut images).unwrap_err().0, 1);
    }
}
