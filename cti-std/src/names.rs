//! Names as people write them.

/// A name without what people leave out or write otherwise: case, underscores, hyphens.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// The name that is most similar to `wanted`, if one is similar. What was typed may be its beginning or its end.
pub(crate) fn nearest<T: AsRef<str>>(wanted: &str, names: impl Iterator<Item = T>) -> Option<T> {
    let wanted = plain(wanted);
    let likeness = |name: &str| {
        let whole = plain(name);
        // Two letters are part of nearly everything.
        let is_part = wanted.len() >= 3 && (whole.starts_with(&wanted) || whole.ends_with(&wanted));
        let alike = |name: &str| strsim::normalized_damerau_levenshtein(&plain(name), &wanted);
        // Of names that begin alike the last words tell; a little less than the whole does.
        let ends = name.match_indices('_').filter_map(|(at, _)| name.get(at..)).map(|end| alike(end) - 0.1);
        ends.fold(alike(name).max(if is_part { LIKE } else { 0.0 }), f64::max)
    };
    let nearest = names.map(|name| (likeness(name.as_ref()), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.filter(|(likeness, _)| *likeness >= LIKE).map(|(_, name)| name)
}

/// From this on, of 1, names are similar.
const LIKE: f64 = 0.6;
