//! Help, completions, the manual.

use std::process::{Command, Stdio};

use super::command::{checked, run};

const COMMANDS: [&str; 6] = ["wallboard", "monitor", "request", "load", "simulate", "decode"];

#[test]
fn every_command_has_help_with_examples_and_its_exit_statuses() {
    let help = run(&["--help"]);
    assert_eq!((help.status, help.err.as_str()), (0, ""));
    for command in COMMANDS {
        assert!(help.out.contains(&format!("  {command} ")), "{}", help.out);
        let help = run(&[command, "--help"]);
        assert_eq!((help.status, help.err.as_str()), (0, ""));
        for part in ["Examples:", "Exit status:", &format!("cti {command} ")] {
            assert!(help.out.contains(part), "{command}: {part}\n{}", help.out);
        }
    }
}

#[test]
fn the_help_of_the_monitor_names_every_kind_of_line() {
    let help = run(&["monitor", "--help"]).out;
    for kind in ["opened", "disconnected", "ended", "skipped", "malformed"] {
        assert!(help.contains(&format!("\"event\":\"{kind}\"")), "{kind}\n{help}");
    }
    assert!(help.contains(r#""change":"lost""#), "{help}");
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]);
        assert_eq!((script.status, script.err.as_str()), (0, ""));
        for word in COMMANDS.into_iter().chain(["idle-timeout"]) {
            assert!(script.out.contains(word), "{shell}: {word}");
        }
    }
    // The script is one that its shell takes.
    let script = run(&["completions", "bash"]).out;
    let test = format!("{script}\ncomplete -p cti");
    let output = Command::new("bash").args(["-c", &test]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(run(&["completions", "csh"]).status, 2);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let page = run(&["man"]);
    assert!(page.status == 0 && page.out.contains(".TH cti 1"), "{}", page.out);
    for command in COMMANDS {
        let page = run(&["man", command]);
        assert!(page.out.contains(&format!(".TH cti-{command} 1")), "{}", page.out);
        assert!(page.out.contains("Exit status:"), "{}", page.out);
    }
    assert_eq!(run(&["man", "nothing"]).status, 2);
}

#[test]
fn recordings_have_the_same_form() {
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/session.hex");
    let outcome = run(&["decode", "--json", recording]);
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    assert!(outcome.out.lines().map(checked).count() > 5);
}
