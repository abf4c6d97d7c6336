//! What a misspelt name was meant to be.

/// The candidate nearest to `name`, if one is near: at most one mistake in three
/// characters and three in all, letter case not counting.
pub(super) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let tolerance = (wanted.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= tolerance)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A hint for a name that is none of the candidates: the nearest, or all of
/// them where they are few.
pub(super) fn hint<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    const FEW: usize = 12;
    if let Some(meant) = closest(name, candidates.clone()) {
        return Some(format!("did you mean `{meant}`?"));
    }
    let known: Vec<String> = candidates
        .map(|candidate| format!("`{candidate}`"))
        .collect();
    (1..=FEW)
        .contains(&known.len())
        .then(|| format!("known here: {}", known.join(", ")))
}
