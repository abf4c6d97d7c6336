//! `.sourceignore` and `.gitattributes`: the files that ztgit shares with the
//! user. It owns one marked block in each, and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stack::schema::API_VERSION;
use crate::tree::Sha256;

/// What ztgit owns at the root, for finding edits.
pub const ROOT_INVENTORY: &str = ".ztgit/root.json";

const BEGIN: &str = "# ztgit: begin of managed block";
const END: &str = "# ztgit: end of managed block";

/// A shared file.
#[derive(Debug, Clone, Copy)]
pub struct RootFile {
    /// Its path.
    pub path: &'static str,
    /// The lines of ztgit's block.
    pub block: &'static str,
}

/// All shared files.
///
/// A `.sourceignore` replaces what Flux leaves out on its own, so that is said
/// again here; patterns are anchored, so that they mean ztgit's directories
/// only.
pub fn root_files() -> &'static [RootFile] {
    &[
        RootFile {
            path: ".gitattributes",
            block: "/rendered/** -text linguist-generated\n\
                    /clusters/*/ztgit/** -text linguist-generated\n\
                    /hosts/** -text\n\
                    /.ztgit/** -text linguist-generated\n",
        },
        RootFile {
            path: ".sourceignore",
            block: ".git/\n.gitignore\n.gitmodules\n.gitattributes\n\
                    *.jpg\n*.jpeg\n*.gif\n*.png\n*.wmv\n*.flv\n*.tar.gz\n*.zip\n\
                    .github/\n.circleci/\n.travis.yml\n.gitlab-ci.yml\nappveyor.yml\n\
                    .drone.yml\ncloudbuild.yaml\ncodeship-services.yml\ncodeship-steps.yml\n\
                    **/.goreleaser.yml\n**/.sops.yaml\n**/.flux.yaml\n\
                    /hosts/\n/.ztgit/\n",
        },
    ]
}

/// The markers of a block do not stand as ztgit writes them, so where the block ends
/// and the user's lines begin cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TornBlock {
    /// The line of the first marker that has no other.
    pub line: usize,
}

/// A file with ztgit's block in it: in place of the one that it has, else
/// behind what the user wrote.
pub fn with_block(existing: Option<&str>, block: &str) -> Result<String, TornBlock> {
    let ours = format!("{BEGIN}\n{block}{END}\n");
    let Some(existing) = existing else {
        return Ok(ours);
    };
    if let Some((before, after)) = around(existing)? {
        return Ok(format!("{before}{ours}{after}"));
    }
    let separator = if existing.is_empty() || existing.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Ok(format!("{existing}{separator}{ours}"))
}

/// ztgit's block of a file, if it has one.
pub fn block_of(file: &str) -> Option<&str> {
    let start = file.find(BEGIN)?;
    let block = file[start + BEGIN.len()..].strip_prefix('\n')?;
    block.find(END).map(|end| &block[..end])
}

/// What is before the block and after it; none where there is no block.
fn around(file: &str) -> Result<Option<(&str, &str)>, TornBlock> {
    let mut markers = Vec::new();
    let mut at = 0;
    for (number, line) in file.split_inclusive('\n').enumerate() {
        let marker = line.trim_end();
        if marker == BEGIN || marker == END {
            markers.push((marker, number + 1, at..at + line.len()));
        }
        at += line.len();
    }
    match markers.as_slice() {
        [] => Ok(None),
        [(BEGIN, _, begin), (END, _, end)] => Ok(Some((&file[..begin.start], &file[end.end..]))),
        [(BEGIN, ..), (END, ..), (_, line, _), ..] | [(_, line, _), ..] => {
            Err(TornBlock { line: *line })
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RootInventory {
    api_version: String,
    kind: String,
    blocks: BTreeMap<String, Sha256>,
}

/// The inventory of the root files.
pub fn root_inventory() -> Vec<u8> {
    let inventory = RootInventory {
        api_version: API_VERSION.to_owned(),
        kind: "RootInventory".to_owned(),
        blocks: root_files()
            .iter()
            .map(|file| (file.path.to_owned(), Sha256::of(file.block.as_bytes())))
            .collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&inventory).expect("plain JSON");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_wrote_around_the_block_stays() {
        let first = with_block(Some("mine\n"), "old\n").unwrap();
        let second = with_block(Some(&format!("{first}more\n")), "new\n").unwrap();
        assert_eq!(second, format!("mine\n{BEGIN}\nnew\n{END}\nmore\n"));
        assert_eq!(block_of(&second), Some("new\n"));
    }

    #[test]
    fn a_file_that_the_user_has_not_ended_with_a_newline_is_not_torn() {
        assert_eq!(
            with_block(Some("mine"), "x\n").unwrap(),
            format!("mine\n{BEGIN}\nx\n{END}\n")
        );
    }

    #[test]
    fn where_a_marker_is_missing_nothing_is_replaced() {
        for (file, line) in [
            (format!("mine\n{BEGIN}\nx\nmine\n"), 2),
            (format!("mine\n{END}\n"), 2),
            (format!("{BEGIN}\nmine\n{BEGIN}\nx\n{END}\n"), 1),
            (format!("{BEGIN}\nx\n{END}\nmine\n{END}\n"), 5),
            (format!("{END}\nmine\n{BEGIN}\n"), 1),
        ] {
            assert_eq!(
                with_block(Some(&file), "x\n"),
                Err(TornBlock { line }),
                "{file}"
            );
        }
    }
}
