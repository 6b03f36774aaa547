//! The table in `rows.txt`: states of a contact centre, and requests in them with what they are answered by.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A state: what is done to come to it.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// The scene that it begins with.
    pub(crate) from: Option<&'static str>,
    pub(crate) steps: Vec<Step>,
}

/// A step on the way to a scene.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A request, which is confirmed; the call that it names is called so from now on.
    Say(Words, Option<&'static str>),
    /// The call that begins for a client is called so.
    Hear(char, &'static str),
    /// Seconds pass.
    Wait(u64),
}

/// Who says what.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) who: char,
    pub(crate) request: &'static str,
    pub(crate) fields: Vec<(String, String)>,
}

impl Step {
    /// What is said, if anything is.
    pub(crate) fn words(&self) -> Option<&Words> {
        match self {
            Self::Say(words, _) => Some(words),
            Self::Hear(..) | Self::Wait(_) => None,
        }
    }
}

impl Words {
    /// The clients who must be there: who says it, and who is named by the session or by the name of the client.
    pub(crate) fn clients(&self) -> impl Iterator<Item = char> {
        let named = self.fields.iter().filter_map(|(name, value)| match value.as_bytes() {
            [b'@', who] => Some(char::from(*who)),
            [who] if name == "ClientID" => Some(char::from(*who)),
            _ => None,
        });
        named.chain([self.who])
    }
}

/// A request in a scene, and what it is answered by.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) line: usize,
    /// The product that it is for, if it is not for both.
    pub(crate) only: Option<&'static str>,
    pub(crate) scene: &'static str,
    pub(crate) words: Words,
    /// `ok`, or the name of a failure; the second one on Unified CCX.
    pub(crate) outcomes: [&'static str; 2],
}

pub(crate) struct Table {
    pub(crate) scenes: BTreeMap<&'static str, Scene>,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// That of `requests/rows.txt`.
    pub(crate) fn of_rows() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| Self::read(include_str!("../requests/rows.txt")))
    }

    fn read(text: &'static str) -> Self {
        let mut table = Self { scenes: BTreeMap::new(), rows: Vec::new() };
        let (mut scene, mut request) = ("", "");
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.starts_with('#') {
                continue;
            }
            if let Some(head) = text.strip_prefix("= ") {
                let (name, from) = head.split_once(" : ").map_or((head, None), |(name, from)| (name, Some(from)));
                scene = name;
                assert!(table.scenes.insert(name, Scene { from, steps: Vec::new() }).is_none(), "{line}: twice");
            } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
                request = text;
            } else if !text.is_empty() && request.is_empty() {
                table.scenes.get_mut(scene).unwrap_or_else(|| panic!("{line}: no scene")).steps.push(step(text));
            } else if !text.is_empty() {
                table.rows.push(row(line, request, text));
            }
        }
        table
    }

    /// The steps that lead to a scene.
    pub(crate) fn steps(&self, scene: &str) -> Vec<&Step> {
        let scene = self.scenes.get(scene).unwrap_or_else(|| panic!("no scene {scene}"));
        let mut steps = scene.from.map(|from| self.steps(from)).unwrap_or_default();
        steps.extend(&scene.steps);
        steps
    }
}

/// A line of a scene.
pub(crate) fn step(text: &'static str) -> Step {
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        ["wait", seconds] => Step::Wait(seconds.parse().expect("seconds")),
        [who, "hears", name] => Step::Hear(letter(who), name),
        [who, request, ref fields @ .., ">", name] => {
            Step::Say(Words { who: letter(who), request, fields: expand(fields) }, Some(name))
        }
        [who, request, ref fields @ ..] => Step::Say(Words { who: letter(who), request, fields: expand(fields) }, None),
        _ => panic!("{text}"),
    }
}

fn row(line: usize, request: &'static str, text: &'static str) -> Row {
    let (words, outcome) = text.split_once(" : ").unwrap_or_else(|| panic!("{line}: no outcome"));
    let words: Vec<_> = words.split_whitespace().collect();
    let (only, words) = match words.split_first() {
        Some((only @ (&"cce" | &"ccx"), words)) => (Some(*only), words),
        _ => (None, &words[..]),
    };
    let [scene, who, fields @ ..] = words else { panic!("{line}: {text}") };
    let (cce, ccx) = outcome.split_once(" / ").unwrap_or((outcome, outcome));
    let words = Words { who: letter(who), request, fields: expand(fields) };
    Row { line, only, scene, words, outcomes: [cce.trim(), ccx.trim()] }
}

fn letter(text: &str) -> char {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none()).unwrap_or_else(|| panic!("{text} is nobody"))
}

/// Fields as they are written; `at=CALL/DEVICE` and its like stand for the three fields of a connection.
pub(crate) fn expand(words: &[&str]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("{word} is no field"));
        let prefix = match name {
            "at" => "",
            "active" => "Active",
            "held" => "Held",
            "other" => "Other",
            "agent" => "Agent",
            "super" => "Supervisor",
            _ => {
                fields.push((name.to_owned(), value.to_owned()));
                continue;
            }
        };
        let (call, device) = value.split_once('/').unwrap_or_else(|| panic!("{word} is no connection"));
        fields.push((format!("{prefix}ConnectionCallID"), call.to_owned()));
        fields.push((format!("{prefix}ConnectionDeviceIDType"), "0".to_owned()));
        fields.push((format!("{prefix}ConnectionDeviceID"), device.to_owned()));
    }
    fields
}
