//! The wallboard on a terminal.

use std::process::Stdio;

use rustix::process::Signal;

use super::command::{cti, wait};
use super::server::Server;
use super::svg;
use super::terminal::Terminal;

fn wallboard(server: &Server, columns: u16, rows: u16) -> Terminal {
    Terminal::start(columns, rows, &["wallboard", "--connect", &server.address.to_string()], &[])
}

/// The picture that everything is on: the agent, whose name is asked for, and the call.
const ALL: [&str; 6] = ["Service level", "heartbeat 10 s", "ready", "李 Ann", "ringing", "16777216"];

#[test]
fn agents_calls_and_connection_are_on_the_screen() {
    let server = Server::start();
    let mut wallboard = wallboard(&server, 80, 24);
    let screen = wallboard.shows(&ALL);
    let lines: Vec<String> = screen.rows(0, 80).collect();
    assert_eq!(lines.len(), 24);
    assert!(lines[0].starts_with(" cti wallboard"), "{lines:?}");
    assert!(lines[1].contains(&format!("● A {} Unified CCE 25", server.address)), "{lines:?}");
    assert!(lines[23].starts_with(" ? help"), "{lines:?}");
    // Borders stand in line, also where a letter is two columns wide.
    for line in &lines[5..12] {
        assert_eq!(line.chars().filter(|letter| *letter == '│').count(), 4, "{line}");
        assert!(line.ends_with('│'), "{line}");
    }
    assert!(screen.alternate_screen());
    wallboard.keys("q");
    let (status, before) = wallboard.finish();
    assert_eq!((status, before.trim()), (0, ""));
    server.saw("Ended(Closed");
}

#[test]
fn the_picture_follows_the_size_of_the_screen() {
    let server = Server::start();
    let mut wallboard = wallboard(&server, 80, 24);
    wallboard.shows(&ALL);
    wallboard.resize(132, 40);
    wallboard.until("the footer in the last line", |text| {
        text.lines().nth(39).is_some_and(|line| line.starts_with(" ? help") && line.contains("q end"))
    });
    wallboard.shows(&ALL);
    wallboard.resize(30, 8);
    wallboard.shows(&["needs 40x12"]);
    wallboard.resize(60, 14);
    wallboard.shows(&["Agents 1 of 1", "李 Ann"]);
    wallboard.hides("ringing");
    wallboard.keys("\t\t");
    wallboard.shows(&["Calls 1 of 1", "ringing"]);
    wallboard.keys("q");
    assert_eq!(wallboard.finish().0, 0);
}

#[test]
fn calls_are_opened_and_answered_and_agents_set() {
    let server = Server::start();
    let mut wallboard = wallboard(&server, 100, 30);
    wallboard.shows(&ALL);
    wallboard.keys("\t\t\u{1b}[B\r");
    wallboard.shows(&["┌ Call 16777216", "5001 (李 Ann): LCS_ALERTING", "CallVariable1"]);
    wallboard.keys("\u{1b}");
    wallboard.hides("LCS_ALERTING");
    wallboard.keys("a");
    server.saw("ANSWER_CALL_REQ");
    wallboard.shows(&["answer at 5001: done", "talking"]);
    wallboard.keys("o");
    server.saw("HOLD_CALL_REQ");
    wallboard.shows(&["hold at 5001: CF_INVALID_CONNECTION_ID_FOR_ACTIVE_CALL"]);
    wallboard.keys("t5002\r");
    server.saw("TRANSFER_CALL_REQ");
    wallboard.shows(&["transfer from 5001 to 5002: E_CTI_FUNCTION_NOT_AVAILABLE"]);
    wallboard.keys("\t\u{1b}[Bn");
    wallboard.shows(&["1001 not ready, reason code: _"]);
    wallboard.keys("7\r");
    server.saw("SET_AGENT_STATE_REQ");
    wallboard.shows(&["1001 to AGENT_STATE_NOT_READY with reason 7: done", "× not ready"]);
    wallboard.keys("?");
    wallboard.shows(&["┌ Keys", "Shift-Tab"]);
    wallboard.keys("qq");
    assert_eq!(wallboard.finish().0, 0);
}

#[test]
fn the_picture_can_be_held_and_narrowed() {
    let server = Server::start();
    let mut wallboard = wallboard(&server, 80, 24);
    wallboard.shows(&ALL);
    wallboard.keys(" ");
    wallboard.shows(&["PAUSED"]);
    server.cut();
    wallboard.shows(&["PAUSED", "heartbeat 10 s", "ringing"]);
    wallboard.keys("p");
    wallboard.shows(&["1 break"]);
    wallboard.keys("/nobody\r");
    wallboard.shows(&["only: nobody", "Agents 0 of 1", "Calls 0 of"]);
    wallboard.keys("\u{1b}");
    wallboard.shows(&["Agents 1 of 1"]);
    wallboard.keys("\u{3}");
    assert_eq!(wallboard.finish().0, 0);
}

#[test]
fn signals_end_it_and_give_the_screen_back() {
    let server = Server::start();
    let wallboard = wallboard(&server, 80, 24);
    wallboard.shows(&ALL);
    wallboard.signal(Signal::TERM);
    assert_eq!(wallboard.finish().0, 0);
    server.saw("Ended(Closed");
}

#[test]
fn without_colour_there_is_none() {
    let server = Server::start();
    let address = server.address.to_string();
    let args = ["wallboard", "--connect", &address];
    let colours = |variables: &[(&str, &str)]| {
        let mut terminal = Terminal::start(80, 24, &args, variables);
        let screen = terminal.shows(&ALL);
        terminal.keys("q");
        assert_eq!(terminal.finish().0, 0);
        let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
        let cells = cells.filter_map(|(row, column)| screen.cell(row, column));
        cells.filter(|cell| cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default).count()
    };
    assert_eq!(colours(&[("NO_COLOR", "1")]), 0);
    assert!(colours(&[]) > 100);
}

#[test]
fn without_a_terminal_there_is_another_command() {
    let mut child = cti().args(["wallboard", "--connect", "127.0.0.1:1"]).stdin(Stdio::null()).spawn().unwrap();
    assert_eq!(wait(&mut child).code(), Some(2));
    let mut err = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
    assert!(err.contains("needs a terminal") && err.contains("cti monitor"), "{err}");
}

#[test]
fn a_screen_becomes_a_picture() {
    let server = Server::start();
    let mut wallboard = wallboard(&server, 80, 24);
    let picture = svg::picture(&wallboard.shows(&ALL));
    wallboard.keys("q");
    assert_eq!(wallboard.finish().0, 0);
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert!(picture.contains(">Service</text>") && picture.contains(">李</text>"), "{picture}");
}
