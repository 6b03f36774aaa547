//! The board on the screen. Nothing here knows where its rows come from.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Cell, Clear, Paragraph, Row, Table, Wrap};

use super::board::{Agent, Board, Call, CallState, Link, LinkState, Mood, Queue, ServiceLevel, clock};
use super::view::{Input, Pane, Popup, View};

/// Whether there is colour. Without it everything is still told by words, signs and weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    pub(crate) colour: bool,
}

/// The least that there is a picture for, in columns and rows: a table of four columns, and four rows
/// in it.
const LEAST: (u16, u16) = (40, 12);
/// From this on there is a picture of all tables at once, of the part of the screen that the tables have.
const ROOMY: (u16, u16) = (72, 12);
/// From this on a caller has waited long, and the time is shown as an alarm.
const LONG: Duration = Duration::from_secs(60);
/// Times between heartbeats after which silence is odd: the answer to one may be late, that to two is missing.
const ODD: u32 = 2;

/// What the keys do.
const HELP: &[(&str, &str)] = &[
    ("Tab, Shift-Tab", "to the next table, to the one before"),
    ("up down PgUp PgDn Home End", "select a row"),
    ("Enter", "everything about the row; Esc: close it"),
    ("s, S", "order by the next column, the other way round"),
    ("/", "show only rows with a text; Esc: show all"),
    ("p, space", "hold the picture, and let it go on"),
    ("r, n", "agents: set ready, set not ready"),
    ("a", "calls: answer the call that rings"),
    ("o, u", "calls: put on hold, take from hold"),
    ("t", "calls: transfer to a number"),
    ("x", "calls: hang up"),
    ("?, F1", "this help"),
    ("q, Ctrl-C", "end"),
];

impl Theme {
    /// A colour, if there are any.
    fn paint(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// Something is wrong.
    fn alarm(self) -> Style {
        self.paint(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What counts less.
    fn faint(self) -> Style {
        // Not both: dark grey that is dimmed besides cannot be read on some screens.
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// Colour of a state of agents.
    fn mood(self, mood: Mood) -> Style {
        match mood {
            Mood::Talking => self.paint(Color::Green),
            Mood::Hold => self.paint(Color::Yellow),
            Mood::Reserved => self.paint(Color::Cyan),
            Mood::Work => self.paint(Color::Magenta),
            Mood::Ready => self.paint(Color::LightBlue),
            Mood::NotReady => self.paint(Color::LightRed),
            Mood::Other => Style::new(),
            Mood::LoggedOut => self.faint(),
        }
    }

    /// Colour of a state of calls.
    fn call(self, state: CallState) -> Style {
        match state {
            CallState::Queued => self.paint(Color::Yellow),
            CallState::Treated => self.paint(Color::LightBlue),
            CallState::Ringing => self.paint(Color::Cyan),
            CallState::Held => self.paint(Color::Magenta),
            CallState::Talking => self.paint(Color::Green),
            CallState::Begun => self.faint(),
        }
    }

    /// Colour of a service level: 80 % is what most centres want.
    fn level(self, level: ServiceLevel) -> Style {
        match level.percent() {
            None => self.faint(),
            Some(80..) => self.paint(Color::Green),
            Some(60..) => self.paint(Color::Yellow),
            Some(_) => self.alarm(),
        }
    }

    /// The uppermost line.
    const fn bar(self) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        if self.colour { style.fg(Color::White).bg(Color::Blue) } else { style.add_modifier(Modifier::REVERSED) }
    }
}

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, board: &Board, view: &mut View, theme: Theme) {
    let area = frame.area();
    let (width, height) = LEAST;
    if area.width < width || area.height < height {
        let text = format!("The wallboard needs {width}x{height} characters; here are {}x{}.", area.width, area.height);
        return frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }
    // A row even for none: it says so.
    let links = u16::try_from(board.links.len().clamp(1, 4)).unwrap_or(1);
    let rows = [Constraint::Length(1), Constraint::Length(links), Constraint::Length(1), Constraint::Length(1)];
    let [title, health, agents_bar, level_bar, tables, footer] =
        Layout::vertical(rows.into_iter().chain([Constraint::Fill(1), Constraint::Length(1)])).areas(area);
    draw_title(frame, title, board, view, theme);
    draw_links(frame, health, board, theme);
    draw_moods(frame, agents_bar, board, theme);
    draw_level(frame, level_bar, board, theme);
    draw_tables(frame, tables, board, view, theme);
    draw_footer(frame, footer, view, theme);
    if let Some(popup) = view.popup.clone() {
        draw_popup(frame, area, &popup, board, theme);
    }
}

/// All tables, or the one in focus where there is no room for all.
fn draw_tables(frame: &mut Frame<'_>, area: Rect, board: &Board, view: &mut View, theme: Theme) {
    let (width, height) = ROOMY;
    if area.width < width || area.height < height {
        return match view.focus {
            Pane::Agents => draw_agents(frame, area, board, view, theme),
            Pane::Queues => draw_queues(frame, area, board, view, theme),
            Pane::Calls => draw_calls(frame, area, board, view, theme),
        };
    }
    let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(area);
    // A little more for the agents, who have names.
    let [left, right] = Layout::horizontal([Constraint::Fill(21), Constraint::Fill(19)]).areas(upper);
    draw_agents(frame, left, board, view, theme);
    draw_queues(frame, right, board, view, theme);
    draw_calls(frame, lower, board, view, theme);
}

/// The uppermost line: name, filter, rate and clock.
fn draw_title(frame: &mut Frame<'_>, area: Rect, board: &Board, view: &View, theme: Theme) {
    let mut left = " cti wallboard".to_owned();
    if view.paused {
        left += "  PAUSED";
    }
    if !view.filter.is_empty() {
        left += &format!("  only: {}", view.filter);
    }
    let clock = format!("{} ", board.clock);
    let right = format!("{} events, {:.0}/s  {clock}", board.events, board.rate);
    frame.render_widget(Block::new().style(theme.bar()), area);
    two_ended(frame, area, left.into(), [right.into(), clock.into()]);
}

/// A line for each connection: how it is, and what was lost.
fn draw_links(frame: &mut Frame<'_>, area: Rect, board: &Board, theme: Theme) {
    if board.links.is_empty() {
        return frame.render_widget(Line::styled(" no server", theme.faint()), area);
    }
    for (link, row) in board.links.iter().zip(area.rows()) {
        let (sign, style, text) = link_words(link, theme);
        let left =
            Line::from(vec![Span::styled(format!(" {sign} {} {} ", link.side, link.address), style), Span::raw(text)]);
        let lost = format!("lost {}, {} ", clock(link.lost), times(link.losses));
        let style = theme.paint(Color::Yellow).add_modifier(Modifier::BOLD);
        // Without a loss there is nothing to tell, and no place is taken for it.
        let right = if link.losses > 0 { Line::styled(lost, style) } else { Line::default() };
        two_ended(frame, row, left, [right]);
    }
}

/// How often, in words.
fn times(n: u32) -> String {
    if n == 1 { "1 break".into() } else { format!("{n} breaks") }
}

/// A connection in words, with a sign and its colour.
fn link_words(link: &Link, theme: Theme) -> (&'static str, Style, String) {
    let since = clock(link.since);
    match &link.state {
        LinkState::Connecting => ("◌", theme.paint(Color::Yellow), format!("connecting for {since}")),
        LinkState::Open { warning: Some(warning), protocol, .. } => {
            ("!", theme.paint(Color::Yellow), format!("{protocol}, {warning}"))
        }
        LinkState::Open { protocol, heartbeat, silence, standby, warning: None } => {
            let role = if *standby { " standby" } else { "" };
            // One heartbeat may be late; a server that answers none is not well.
            let odd = heartbeat.is_some_and(|heartbeat| *silence > heartbeat.saturating_mul(ODD));
            let heartbeat = match heartbeat {
                Some(_) if odd => format!("silent for {}", clock(*silence)),
                Some(heartbeat) => format!("heartbeat {} s", heartbeat.as_secs()),
                None => "no heartbeat".into(),
            };
            let (sign, style) =
                if odd { ("!", theme.paint(Color::Yellow)) } else { ("●", theme.paint(Color::Green)) };
            (sign, style, format!("{protocol}{role} for {since}, {heartbeat}"))
        }
        LinkState::Down { reason, retry } => {
            let retry = retry.map(|retry| format!(", again in {} s", retry.as_secs())).unwrap_or_default();
            ("×", theme.alarm(), format!("down for {since}{retry}: {reason}"))
        }
    }
}

/// How many agents are in which state.
fn draw_moods(frame: &mut Frame<'_>, area: Rect, board: &Board, theme: Theme) {
    let mut spans = vec![Span::styled(format!(" Agents {:>3} ", board.agents.len()), Modifier::BOLD)];
    for (mood, count) in board.moods().filter(|(_, count)| *count > 0) {
        spans.push(Span::styled(format!(" {} {count} {}", mood.sign(), mood.name()), theme.mood(mood)));
    }
    frame.render_widget(Line::from(spans), area);
}

/// The service level, as a bar and in numbers.
fn draw_level(frame: &mut Frame<'_>, area: Rect, board: &Board, theme: Theme) {
    let level = board.service_level;
    let style = theme.level(level);
    // An eighth of the line: the numbers beside it tell more than the bar.
    let bar_width = usize::from(area.width / 8);
    let full = level.percent().map_or(0, |percent| bar_width * percent as usize / 100);
    let percent = level.percent().map_or("  -".into(), |percent| format!("{percent:>3} %"));
    let waiting: u32 = board.queues.iter().map(|queue| queue.waiting).sum();
    let left = Line::from(vec![
        Span::styled(" Service level ", Modifier::BOLD),
        Span::styled("█".repeat(full), style),
        Span::styled("░".repeat(bar_width.saturating_sub(full)), theme.faint()),
        Span::styled(format!(" {percent}"), style),
        Span::raw(if level.within.is_zero() { String::new() } else { format!(" in {} s", level.within.as_secs()) }),
    ]);
    let right = format!("{} answered, {} abandoned, {waiting} waiting ", level.answered, level.abandoned);
    two_ended(frame, area, left, [right.into(), format!("{waiting} waiting ").into()]);
}

/// The table of agents.
fn draw_agents(frame: &mut Frame<'_>, area: Rect, board: &Board, view: &mut View, theme: Theme) {
    let agents = view.agents(board);
    let row = |agent: &&Agent| {
        let mood = Mood::of(agent.state);
        let state = match (mood, agent.reason) {
            (_, 0) => mood.name().to_owned(),
            // The sign says already that the agent is not ready; the column has room for one of the two.
            (Mood::NotReady, reason) => format!("reason {reason}"),
            (_, reason) => format!("{} {reason}", mood.name()),
        };
        Row::new([
            Cell::new(format!("{} {state}", mood.sign())).style(theme.mood(mood)),
            Cell::new(right_aligned(clock(agent.since))),
            Cell::new(agent.label().to_owned()),
            Cell::new(agent.extension.clone()),
            Cell::new(agent.group_names()),
        ])
    };
    let rows: Vec<Row<'_>> = agents.iter().map(row).collect();
    let widths = [
        Constraint::Length(11),
        Constraint::Length(7),
        Constraint::Fill(3),
        Constraint::Length(6),
        // Where there is little room, names count more than groups.
        if area.width < 48 { Constraint::Length(0) } else { Constraint::Fill(2) },
    ];
    let title = format!("Agents {} of {}", agents.len(), board.agents.len());
    view.find_selected(Pane::Agents, board);
    table(frame, area, view, theme, Pane::Agents, title, &["State", "Time", "Agent", "Ext", "Group"], &widths, rows);
}

/// The table of queues.
fn draw_queues(frame: &mut Frame<'_>, area: Rect, board: &Board, view: &mut View, theme: Theme) {
    let queues = view.queues(board);
    let row = |queue: &&Queue| {
        let waiting = if queue.waiting > 0 { Style::new().add_modifier(Modifier::BOLD) } else { theme.faint() };
        let longest = if queue.waiting > 0 { clock(queue.longest) } else { "-".into() };
        let style = if queue.longest >= LONG && queue.waiting > 0 { theme.alarm() } else { waiting };
        let level = queue.service_level.percent().map_or("-".into(), |percent| format!("{percent}%"));
        Row::new([
            Cell::new(if queue.name.is_empty() { queue.number.to_string() } else { queue.name.clone() }),
            Cell::new(right_aligned(queue.waiting.to_string())).style(waiting),
            Cell::new(right_aligned(longest)).style(style),
            Cell::new(right_aligned(format!("{}/{}", queue.ready, queue.ready.saturating_add(queue.busy)))),
            Cell::new(right_aligned(level)).style(theme.level(queue.service_level)),
        ])
    };
    let rows: Vec<Row<'_>> = queues.iter().map(row).collect();
    let title = format!("Queues {}", queues.len());
    let headers = ["Queue", "Wait", "Long", "Ready", "SL"];
    let widths = [0, 5, 7, 6, 4].map(|width| if width == 0 { Constraint::Fill(1) } else { Constraint::Length(width) });
    view.find_selected(Pane::Queues, board);
    table(frame, area, view, theme, Pane::Queues, title, &headers, &widths, rows);
}

/// The table of calls.
fn draw_calls(frame: &mut Frame<'_>, area: Rect, board: &Board, view: &mut View, theme: Theme) {
    let calls = view.calls(board);
    let row = |call: &&Call| {
        let data: Vec<String> = call.data.iter().map(|(name, value)| format!("{}={value}", short(name))).collect();
        Row::new([
            Cell::new(right_aligned(call.id.to_string())),
            Cell::new(call.state.name()).style(theme.call(call.state)),
            Cell::new(right_aligned(clock(call.age))),
            Cell::new(call.from.clone()),
            Cell::new(call.party_names()),
            Cell::new(call.queue.clone()),
            Cell::new(data.join(" ")).style(theme.faint()),
        ])
    };
    let rows: Vec<Row<'_>> = calls.iter().map(row).collect();
    let title = format!("Calls {} of {}", calls.len(), board.calls.len());
    let headers = ["Call", "State", "Age", "From", "With", "Queue", "Data"];
    let widths = [
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Length(6),
        Constraint::Length(11),
        Constraint::Fill(4),
        Constraint::Fill(2),
        Constraint::Fill(3),
    ];
    view.find_selected(Pane::Calls, board);
    table(frame, area, view, theme, Pane::Calls, title, &headers, &widths, rows);
}

/// Call variables come in every call; ten letters fewer make room for what they say.
fn short(name: &str) -> String {
    name.replace("CallVariable", "CV")
}

/// One of the tables.
#[allow(clippy::too_many_arguments, reason = "each is another part of a table")]
fn table(
    frame: &mut Frame<'_>,
    area: Rect,
    view: &mut View,
    theme: Theme,
    pane: Pane,
    title: String,
    headers: &[&str],
    widths: &[Constraint],
    rows: Vec<Row<'_>>,
) {
    let is_focus = view.focus == pane;
    let state = view.pane_mut(pane);
    let order = pane.orders().get(state.order).copied().unwrap_or_default();
    let mark = if state.reversed { "▲" } else { "▼" };
    let header = headers.iter().map(|header| {
        let text = if *header == order { format!("{header}{mark}") } else { (*header).to_owned() };
        // Numbers stand on the right, and so do their headers.
        let is_number = matches!(*header, "Time" | "Wait" | "Long" | "Ready" | "SL" | "Call" | "Age");
        Cell::new(if is_number { right_aligned(text) } else { text.into() })
    });
    let border = if is_focus { theme.paint(Color::LightCyan) } else { theme.faint() };
    let title_style = if is_focus { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
    let block = Block::bordered().border_style(border).title(Span::styled(format!(" {title} "), title_style));
    // Only where keys go: a second bar would leave open which row a command is about.
    let highlight = if is_focus { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
    let table = Table::new(rows, widths.iter().copied())
        .header(Row::new(header).style(Style::new().add_modifier(Modifier::UNDERLINED)))
        .block(block)
        .column_spacing(1)
        .row_highlight_style(highlight);
    frame.render_stateful_widget(table, area, &mut state.table);
}

/// The lowest line: what is typed, what was said last, or the keys.
fn draw_footer(frame: &mut Frame<'_>, area: Rect, view: &View, theme: Theme) {
    let line = match &view.input {
        Some(Input::Filter) => Line::raw(format!(" Show only rows with: {}_", view.filter)),
        Some(Input::Transfer { number, .. }) => {
            Line::raw(format!(" Transfer to: {number}_   Enter, or Esc to give up"))
        }
        Some(Input::Reason { agent, code }) => Line::raw(format!(
            " {} not ready, reason code: {code}_   Enter (none if empty), or Esc to give up",
            agent.id
        )),
        None if !view.message.is_empty() => Line::styled(format!(" {}", view.message), Modifier::BOLD),
        None => {
            let acts = match view.focus {
                Pane::Agents => "r ready  n not ready",
                Pane::Queues => "",
                Pane::Calls => "a answer  o hold  u retrieve  t transfer  x hang up",
            };
            let keys = " ? help  Tab table  Enter details  s order  / filter  p hold  q end   ";
            // What the table can do counts more than what all can.
            let narrow = usize::from(area.width) < keys.len() + acts.len();
            let keys = if narrow && !acts.is_empty() { " ? help  Tab table  Enter details  " } else { keys };
            Line::styled(format!("{keys}{acts}"), theme.faint())
        }
    };
    frame.render_widget(line, area);
}

/// What lies over the tables.
fn draw_popup(frame: &mut Frame<'_>, area: Rect, popup: &Popup, board: &Board, theme: Theme) {
    let (title, lines) = match popup {
        Popup::Help => ("Keys".to_owned(), HELP.iter().map(|(key, what)| pair(key, what, theme)).collect()),
        Popup::Call(key) => {
            let call = board.calls.iter().find(|call| call.key() == *key);
            (format!("Call {}", key.1), call.map_or_else(gone, |call| call_lines(call, theme)))
        }
        Popup::Agent(key) => {
            // Looked for in each picture: the popup goes on with what it is about.
            let agent = board.agents.iter().find(|agent| agent.key() == *key);
            (format!("Agent {}", key.1), agent.map_or_else(gone, |agent| agent_lines(agent, theme)))
        }
        Popup::Queue(key) => {
            let queue = board.queues.iter().find(|queue| queue.key() == *key);
            (format!("Queue {}", key.1), queue.map_or_else(gone, |queue| queue_lines(queue, theme)))
        }
    };
    // What does not fit is cut off at the bottom: the first lines tell most.
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let area = area.centered(Constraint::Length(area.width.min(72)), Constraint::Length(height));
    let block = Block::bordered().title(format!(" {title} ")).border_style(theme.paint(Color::LightCyan));
    // Else the tables would show through where its lines are short.
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// In place of a row that is no more.
fn gone() -> Vec<Line<'static>> {
    vec![Line::raw("It is over.")]
}

/// A line of a popup: name and value.
fn pair(name: &str, value: &str, theme: Theme) -> Line<'static> {
    Line::from(vec![Span::styled(format!("{name:<27} "), theme.paint(Color::Cyan)), Span::raw(value.to_owned())])
}

/// Everything about a call.
fn call_lines(call: &Call, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = vec![
        pair("State", &format!("{} for {}, {} in all", call.state.name(), clock(call.since), clock(call.age)), theme),
        pair("Kind", &call.kind, theme),
        pair("From", &call.from, theme),
        pair("To", &call.to, theme),
        pair("Queue", &call.queue, theme),
    ];
    for party in &call.parties {
        let agent = if party.agent.is_empty() { String::new() } else { format!(" ({})", party.agent) };
        lines.push(pair("Party", &format!("{}{agent}: {}", party.device, party.state), theme));
    }
    lines.extend(call.data.iter().map(|(name, value)| pair(name, value, theme)));
    lines
}

/// Everything about an agent.
fn agent_lines(agent: &Agent, theme: Theme) -> Vec<Line<'static>> {
    let mood = Mood::of(agent.state);
    let reason = if agent.reason == 0 { String::new() } else { format!(", reason {}", agent.reason) };
    let mut lines = vec![
        pair("Name", agent.label(), theme),
        pair("State", &format!("{} for {}{reason}", agent.state, clock(agent.since)), theme),
        pair("Extension", &agent.extension, theme),
        pair("Instrument", &agent.instrument, theme),
        pair("Peripheral", &agent.peripheral.to_string(), theme),
    ];
    lines.extend(agent.groups.iter().map(|(name, state)| pair(name, &state.to_string(), theme)));
    if let Some(state) = lines.get_mut(1) {
        *state = state.clone().patch_style(theme.mood(mood));
    }
    lines
}

/// Everything about a queue.
fn queue_lines(queue: &Queue, theme: Theme) -> Vec<Line<'static>> {
    let level = queue.service_level;
    let percent = level.percent().map_or("none yet".into(), |percent| format!("{percent} %"));
    vec![
        pair("Name", &queue.name, theme),
        pair("Waiting", &format!("{}, the longest for {}", queue.waiting, clock(queue.longest)), theme),
        pair("Agents ready, busy", &format!("{}, {}", queue.ready, queue.busy), theme),
        pair("Answered", &format!("{}, {} within {} s", level.answered, level.in_time, level.within.as_secs()), theme),
        pair("Abandoned", &level.abandoned.to_string(), theme),
        pair("Service level", &percent, theme),
    ]
}

/// A line with something at either end: on the right the first that there is room for, or else the last.
fn two_ended<const N: usize>(frame: &mut Frame<'_>, area: Rect, left: Line<'_>, rights: [Line<'_>; N]) {
    let room = usize::from(area.width).saturating_sub(left.width());
    let fits = rights.iter().position(|right| right.width() < room);
    let Some(right) = rights.into_iter().nth(fits.unwrap_or(N.saturating_sub(1))) else { return };
    let width = u16::try_from(right.width()).unwrap_or(u16::MAX);
    let gap = u16::from(width > 0);
    let widths = [Constraint::Fill(1), Constraint::Length(gap), Constraint::Length(width)];
    let [before, _, behind] = Layout::horizontal(widths).areas(area);
    frame.render_widget(left, before);
    frame.render_widget(right, behind);
}

/// A number, in its column.
fn right_aligned(text: String) -> ratatui::text::Text<'static> {
    ratatui::text::Text::from(text).alignment(Alignment::Right)
}
