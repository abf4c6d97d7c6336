use super::{SegmentFault, TreePath, TreePathError};

fn fault(text: &str) -> SegmentFault {
    match TreePath::new(text) {
        Err(TreePathError::Segment { fault, .. }) => fault,
        other => panic!("{text:?} should have a bad segment: {other:?}"),
    }
}

#[test]
fn ordinary_paths_are_taken() {
    for text in [
        "a",
        ".gitattributes",
        ".sourceignore",
        ".github/workflows/x.yaml",
        "git",
        ".gitter",
        "rendered/home/allow/cilium/demo/CiliumNetworkPolicy.cilium.io-api-to-db.yaml",
        "hosts/home/pi-1/files/etc/wireguard/wg0.conf",
        "hosts/home/pi-1/files/etc/systemd/system/getty@tty1.service.d/10 override.conf",
        "console/com10/lpt/auxiliary/null.yaml",
        "clients/Jürgen/日本.conf",
        "backup~",
    ] {
        assert_eq!(TreePath::new(text).unwrap().as_str(), text);
    }
}

#[test]
fn empty_and_absolute_paths_are_refused() {
    assert_eq!(TreePath::new(""), Err(TreePathError::Empty));
    for text in ["/", "/etc/x", "//x"] {
        assert_eq!(
            TreePath::new(text),
            Err(TreePathError::Absolute {
                path: text.to_owned()
            })
        );
    }
}

#[test]
fn paths_are_normal() {
    for text in ["a//b", "a/", "a/b/"] {
        assert_eq!(fault(text), SegmentFault::Empty, "{text}");
    }
    for text in [".", "..", "../x", "a/../b", "a/./b", "a/.."] {
        assert_eq!(fault(text), SegmentFault::Relative, "{text}");
    }
}

#[test]
fn the_directory_of_git_is_found_in_every_disguise() {
    for segment in [
        ".git",
        ".GIT",
        ".Git",
        "git~1",
        "GIT~2",
        ".git::$INDEX_ALLOCATION",
        ".git:stream",
        ".git.",
        ".git ",
        ".git . .",
        ".git\\hooks",
        ".g\u{200c}it",
        "\u{feff}.git",
        ".gi\u{202e}t",
        ".g\u{131}t",
    ] {
        for text in [
            segment.to_owned(),
            format!("{segment}/hooks/x"),
            format!("a/{segment}"),
        ] {
            assert_eq!(fault(&text), SegmentFault::GitDirectory, "{text:?}");
        }
    }
}

#[test]
fn devices_of_windows_are_refused() {
    for text in [
        "CON",
        "a/aux.yaml",
        "nul",
        "Com1",
        "lpt9.tar.gz",
        "com\u{b9}",
        "conin$",
        "prn .x",
    ] {
        assert_eq!(fault(text), SegmentFault::WindowsDevice, "{text}");
    }
}

#[test]
fn short_names_of_windows_are_refused() {
    for text in ["GITMOD~1", "gi7eba~1", "kustom~1.yam", "a/b~12"] {
        assert_eq!(fault(text), SegmentFault::WindowsShortName, "{text}");
    }
}

#[test]
fn characters_of_windows_are_refused() {
    for character in ['\\', ':', '<', '>', '"', '|', '?', '*'] {
        let text = format!("a{character}b");
        assert_eq!(fault(&text), SegmentFault::WindowsCharacter(character));
    }
}

#[test]
fn what_windows_drops_is_refused() {
    for text in ["trail.", "trail ", "a./b", "..."] {
        assert_eq!(fault(text), SegmentFault::TrailingPeriodOrSpace, "{text}");
    }
}

#[test]
fn control_characters_are_refused() {
    for character in ['\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
        let text = format!("a{character}b");
        assert_eq!(fault(&text), SegmentFault::Control(character));
    }
}

#[test]
fn invisible_characters_are_refused() {
    for character in [
        '\u{200d}', '\u{202e}', '\u{2028}', '\u{a0}', '\u{ad}', '\u{feff}', '\u{ffff}',
    ] {
        let text = format!("a{character}b");
        assert_eq!(fault(&text), SegmentFault::Invisible(character));
    }
}

#[test]
fn size_is_bounded() {
    assert!(TreePath::new("x".repeat(255)).is_ok());
    assert_eq!(fault(&"x".repeat(256)), SegmentFault::TooLong(256));
    assert_eq!(fault(&"é".repeat(128)), SegmentFault::TooLong(256));
    assert!(TreePath::new(vec!["x"; 64].join("/")).is_ok());
    let deep = TreePath::new(vec!["x"; 65].join("/"));
    assert_eq!(deep, Err(TreePathError::TooDeep { depth: 65 }));
    let long = TreePath::new(vec!["x".repeat(240); 18].join("/"));
    assert_eq!(
        long,
        Err(TreePathError::TooLong {
            length: 240 * 18 + 17
        })
    );
    let huge = TreePath::new("a/".repeat(3_000));
    assert_eq!(huge, Err(TreePathError::TooLong { length: 6_000 }));
}

#[test]
fn a_message_names_segment_and_path_without_raw_controls() {
    let message = TreePath::new("a/b\u{1b}[31m/c").unwrap_err().to_string();
    assert_eq!(
        message,
        r#"the segment "b\u{1b}[31m" of the path "a/b\u{1b}[31m/c" holds the control character '\u{1b}'"#
    );
}

#[test]
fn parts_of_a_path() {
    let path = TreePath::new("a/b/c.yaml").unwrap();
    assert_eq!(path.segments().collect::<Vec<_>>(), ["a", "b", "c.yaml"]);
    assert_eq!(path.name(), "c.yaml");
    assert_eq!(path.parent().unwrap().as_str(), "a/b");
    assert_eq!(TreePath::new("a").unwrap().parent(), None);
    assert_eq!(path.parent().unwrap().join("c.yaml"), Ok(path));
}

#[test]
fn a_joined_name_stays_one_name() {
    let path = TreePath::new("a").unwrap();
    for segment in ["b/c", "../b", "/"] {
        let error = path.join(segment).unwrap_err();
        assert!(matches!(
            error,
            TreePathError::Segment {
                fault: SegmentFault::Slash,
                ..
            }
        ));
    }
    assert!(path.join("..").is_err());
    assert!(path.join("").is_err());
}

#[test]
fn a_directory_holds_whole_names_only() {
    let path = |text| TreePath::new(text).unwrap();
    assert!(path("a/b").is_within(&path("a")));
    assert!(path("a/b").is_within(&path("a/b")));
    assert!(!path("ab/c").is_within(&path("a")));
    assert!(!path("a").is_within(&path("a/b")));
}

#[test]
fn names_that_steer_other_programs_are_reserved() {
    for text in [
        ".gitmodules",
        "a/.GitAttributes",
        "a/.sops.yaml/b",
        "a/kustomization.yaml",
        "a/Kustomization",
        "a/\u{212a}ustomization.yml",
        "a/.sourceignore",
        ".ztgit/inventory/x.json",
    ] {
        assert!(TreePath::new(text).unwrap().is_reserved(), "{text}");
    }
    for text in ["a/my-kustomization.yaml", "gitattributes", "a/.gitkeep"] {
        assert!(!TreePath::new(text).unwrap().is_reserved(), "{text}");
    }
}

#[test]
fn serde_checks_as_well() {
    let path: TreePath = serde_json::from_str(r#""a/b""#).unwrap();
    assert_eq!(serde_json::to_string(&path).unwrap(), r#""a/b""#);
    assert!(serde_json::from_str::<TreePath>(r#""../b""#).is_err());
}
