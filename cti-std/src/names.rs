//! Names as people write them.

/// A name without what people leave out or write otherwise: case, underscores, hyphens.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// The name that is most similar to `wanted`, if one is similar.
pub(crate) fn nearest<T: AsRef<str>>(wanted: &str, names: impl Iterator<Item = T>) -> Option<T> {
    let wanted = plain(wanted);
    let likeness = |name: &T| {
        let name = plain(name.as_ref());
        // What was typed may be the beginning or the end of it.
        let is_part = wanted.len() >= 3 && (name.starts_with(&wanted) || name.ends_with(&wanted));
        strsim::normalized_damerau_levenshtein(&name, &wanted).max(if is_part { 0.6 } else { 0.0 })
    };
    let nearest = names.map(|name| (likeness(&name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.filter(|(likeness, _)| *likeness >= 0.6).map(|(_, name)| name)
}
