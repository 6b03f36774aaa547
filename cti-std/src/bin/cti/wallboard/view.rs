//! How the board is looked at: which pane, which order, which row, what is typed. Keys go in, commands come out.

use cti_proto::value::{AgentState, CtiService, LocalConnectionState};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::widgets::TableState;

use super::board::{Agent, Board, Call, Connection, Mood, Queue};

/// A table of the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pane {
    #[default]
    Agents,
    Queues,
    Calls,
}

/// The way of looking.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) focus: Pane,
    panes: [PaneView; 3],
    /// Rows that do not hold this text are left out.
    pub(crate) filter: String,
    /// Whether the picture stands still.
    pub(crate) paused: bool,
    pub(crate) popup: Option<Popup>,
    /// What is being typed.
    pub(crate) input: Option<Input>,
    /// What became of the last command.
    pub(crate) message: String,
}

/// How one table is shown.
#[derive(Debug, Default)]
pub(crate) struct PaneView {
    /// Place in the columns of [`Pane::orders`].
    pub(crate) order: usize,
    pub(crate) reversed: bool,
    /// The row that is selected, wherever it stands by now.
    selected: Option<RowKey>,
    /// Where the table is scrolled to.
    pub(crate) table: TableState,
}

/// What a row is about: peripheral and ID or number.
type RowKey = (u32, String);

/// What lies over the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Popup {
    Help,
    Call(RowKey),
    Agent(RowKey),
    Queue(RowKey),
}

/// A line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Filter,
    Transfer {
        call: Acted,
        number: String,
    },
    /// The reason for being not ready; nothing is none.
    Reason {
        agent: ActedAgent,
        code: String,
    },
}

/// What a key leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// At most another picture.
    Seen,
    Quit,
    Do(Command),
}

/// The end of a call that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acted {
    pub(crate) peripheral: u32,
    pub(crate) connection: Connection,
    /// Device of the agent.
    pub(crate) instrument: String,
    pub(crate) state: LocalConnectionState,
}

/// Something to ask of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Answer(Acted),
    Hold(Acted),
    Retrieve(Acted),
    Clear(Acted),
    Transfer(Acted, String),
    SetState(ActedAgent, AgentState, u16),
}

/// The agent that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActedAgent {
    pub(crate) peripheral: u32,
    pub(crate) id: String,
    pub(crate) instrument: String,
}

impl Pane {
    const ALL: [Self; 3] = [Self::Agents, Self::Queues, Self::Calls];

    /// What the rows can be ordered by; the first is what a pane begins with.
    pub(crate) const fn orders(self) -> &'static [&'static str] {
        match self {
            Self::Agents => &["State", "Time", "Agent", "Ext"],
            Self::Queues => &["Wait", "Long", "Queue", "Ready", "SL"],
            Self::Calls => &["State", "Age", "From", "Queue"],
        }
    }

    /// Its place in [`ALL`](Self::ALL).
    const fn place(self) -> usize {
        match self {
            Self::Agents => 0,
            Self::Queues => 1,
            Self::Calls => 2,
        }
    }

    /// The one so many places on, in a ring.
    fn next(self, by: usize) -> Self {
        let place = (self.place() + by) % Self::ALL.len();
        Self::ALL.get(place).copied().unwrap_or_default()
    }
}

impl View {
    /// How a table is shown.
    pub(crate) const fn pane(&self, pane: Pane) -> &PaneView {
        let [agents, queues, calls] = &self.panes;
        match pane {
            Pane::Agents => agents,
            Pane::Queues => queues,
            Pane::Calls => calls,
        }
    }

    /// The same, to be changed.
    pub(crate) const fn pane_mut(&mut self, pane: Pane) -> &mut PaneView {
        let [agents, queues, calls] = &mut self.panes;
        match pane {
            Pane::Agents => agents,
            Pane::Queues => queues,
            Pane::Calls => calls,
        }
    }

    /// The agents to show, in order.
    pub(crate) fn agents<'b>(&self, board: &'b Board) -> Vec<&'b Agent> {
        let texts = |agent: &Agent| {
            // By what stands on the screen: `ready` finds those who are shown so, whatever the protocol calls it.
            let mood = Mood::of(agent.state).name();
            self.wants(&[&agent.id, &agent.name, &agent.extension, mood, &agent.group_names()])
        };
        let mut agents: Vec<&Agent> = board.agents.iter().filter(|agent| texts(agent)).collect();
        let pane = self.pane(Pane::Agents);
        match pane.order {
            // The longest on top, and then by ID, so that equals do not change places in each picture.
            1 => agents.sort_by_key(|agent| (std::cmp::Reverse(agent.since), &agent.id)),
            2 => agents.sort_by_key(|agent| (agent.label().to_lowercase(), &agent.id)),
            // By length first: numbers as texts would put 10 in front of 9.
            3 => agents.sort_by_key(|agent| (agent.extension.len(), &agent.extension, &agent.id)),
            _ => agents.sort_by_key(|agent| (Mood::of(agent.state), std::cmp::Reverse(agent.since), &agent.id)),
        }
        ordered(agents, pane)
    }

    /// The queues to show, in order.
    pub(crate) fn queues<'b>(&self, board: &'b Board) -> Vec<&'b Queue> {
        let mut queues: Vec<&Queue> =
            board.queues.iter().filter(|queue| self.wants(&[&queue.name, &queue.number.to_string()])).collect();
        let pane = self.pane(Pane::Queues);
        let reversed = std::cmp::Reverse::<u64>;
        let millis = |queue: &Queue| reversed(queue.longest.as_millis() as u64);
        match pane.order {
            1 => queues.sort_by_key(|queue| (millis(queue), queue.number)),
            2 => queues.sort_by_key(|queue| (queue.name.to_lowercase(), queue.number)),
            3 => queues.sort_by_key(|queue| (u64::from(queue.ready), queue.number)),
            4 => queues.sort_by_key(|queue| (queue.service_level.percent().unwrap_or(u32::MAX), queue.number)),
            _ => queues.sort_by_key(|queue| (reversed(queue.waiting.into()), millis(queue), queue.number)),
        }
        ordered(queues, pane)
    }

    /// The calls to show, in order.
    pub(crate) fn calls<'b>(&self, board: &'b Board) -> Vec<&'b Call> {
        let wanted = |call: &Call| {
            let (id, parties) = (call.id.to_string(), call.party_names());
            let texts = [&call.from, &call.to, &call.queue, &id, &parties, &call.kind].map(String::as_str);
            self.wants(&texts)
                || self.wants(&[call.state.name()])
                || call.data.iter().any(|(name, value)| self.wants(&[name, value]))
        };
        let mut calls: Vec<&Call> = board.calls.iter().filter(|call| wanted(call)).collect();
        let pane = self.pane(Pane::Calls);
        let age = |call: &Call| std::cmp::Reverse(call.age);
        match pane.order {
            1 => calls.sort_by_key(|call| (age(call), call.id)),
            2 => calls.sort_by_key(|call| (call.from.clone(), call.id)),
            3 => calls.sort_by_key(|call| (call.queue.clone(), age(call), call.id)),
            _ => calls.sort_by_key(|call| (call.state, age(call), call.id)),
        }
        ordered(calls, pane)
    }

    /// Whether one of the texts holds the filter's, in any case of letters.
    fn wants(&self, texts: &[&str]) -> bool {
        let filter = self.filter.to_lowercase();
        filter.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&filter))
    }

    /// Takes a key.
    pub(crate) fn key(&mut self, key: KeyEvent, board: &Board) -> Outcome {
        // A terminal in raw mode makes no signal of it.
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Outcome::Quit;
        }
        // Letters are commands and text by themselves only: with Ctrl or Alt they are meant for the terminal, or for screen
        // and tmux. Both at once are how some systems tell of AltGr, which makes other letters.
        let [control, alt] =
            [KeyModifiers::CONTROL, KeyModifiers::ALT].map(|modifier| key.modifiers.contains(modifier));
        if matches!(key.code, KeyCode::Char(_)) && control != alt {
            return Outcome::Seen;
        }
        // It was seen: whoever presses a key has looked.
        self.message.clear();
        // While something is typed, letters are text and not commands.
        if let Some(input) = self.input.take() {
            return self.typed(input, key);
        }
        if self.popup.is_some() && matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | '?')) {
            self.popup = None;
            return Outcome::Seen;
        }
        match key.code {
            KeyCode::Char('q') => return Outcome::Quit,
            KeyCode::Char('?') | KeyCode::F(1) => self.popup = Some(Popup::Help),
            KeyCode::Tab => self.focus = self.focus.next(1),
            KeyCode::BackTab => self.focus = self.focus.next(2),
            KeyCode::Char('p' | ' ') => self.paused = !self.paused,
            KeyCode::Char('/') => self.input = Some(Input::Filter),
            KeyCode::Esc => self.filter.clear(),
            KeyCode::Char('s') => {
                let orders = self.focus.orders().len();
                let pane = self.pane_mut(self.focus);
                pane.order = (pane.order + 1) % orders;
            }
            KeyCode::Char('S') => {
                let pane = self.pane_mut(self.focus);
                pane.reversed = !pane.reversed;
            }
            KeyCode::Enter => {
                // Unlike a command, a look can do no harm: without a selection it is at the first row.
                if self.details(board).is_none() {
                    self.go(KeyCode::Home, board);
                }
                self.popup = self.details(board);
            }
            KeyCode::Char(letter) => return self.act(letter, board),
            other => self.go(other, board),
        }
        Outcome::Seen
    }

    /// A key of a line that is being typed.
    fn typed(&mut self, input: Input, key: KeyEvent) -> Outcome {
        match (input, key.code) {
            (Input::Filter, KeyCode::Esc) => self.filter.clear(),
            // Whoever gives up a filter wants to see everything again; what is given up of a command is never sent.
            (_, KeyCode::Esc) | (Input::Filter, KeyCode::Enter) => {}
            // With nothing typed Enter does nothing: a call cannot be sent to nowhere.
            (Input::Transfer { call, number }, KeyCode::Enter) if !number.is_empty() => {
                return Outcome::Do(Command::Transfer(call, number));
            }
            (Input::Reason { agent, code }, KeyCode::Enter) => match code.parse() {
                Ok(reason) => return Outcome::Do(Command::SetState(agent, AgentState::AGENT_STATE_NOT_READY, reason)),
                Err(_) if code.is_empty() => {
                    return Outcome::Do(Command::SetState(agent, AgentState::AGENT_STATE_NOT_READY, 0));
                }
                Err(_) => "a reason is a number up to 65535".clone_into(&mut self.message),
            },
            (Input::Filter, code) => {
                edit(&mut self.filter, code);
                self.input = Some(Input::Filter);
            }
            (Input::Transfer { call, mut number }, code) => {
                edit(&mut number, code);
                self.input = Some(Input::Transfer { call, number });
            }
            (Input::Reason { agent, code: mut reason }, code) => {
                edit(&mut reason, code);
                self.input = Some(Input::Reason { agent, code: reason });
            }
        }
        Outcome::Seen
    }

    /// What the rows of a table are about, in order.
    fn rows(&self, pane: Pane, board: &Board) -> Vec<RowKey> {
        match pane {
            Pane::Agents => self.agents(board).into_iter().map(Agent::key).collect(),
            Pane::Queues => self.queues(board).into_iter().map(Queue::key).collect(),
            Pane::Calls => self.calls(board).into_iter().map(Call::key).collect(),
        }
    }

    /// Has the table show the selected row where it stands now. When it is gone, none is selected: a command must not
    /// meet another one.
    pub(crate) fn find_selected(&mut self, pane: Pane, board: &Board) {
        let rows = self.rows(pane, board);
        let pane = self.pane_mut(pane);
        let place = pane.selected.as_ref().and_then(|selected| rows.iter().position(|row| row == selected));
        pane.table.select(place);
    }

    /// Moves within the table.
    fn go(&mut self, code: KeyCode, board: &Board) {
        const PAGE: u16 = 10;
        // From where the row stands now: it may have moved since the last picture.
        self.find_selected(self.focus, board);
        let mut rows = self.rows(self.focus, board);
        let pane = self.pane_mut(self.focus);
        let table = &mut pane.table;
        match code {
            KeyCode::Up => table.select_previous(),
            KeyCode::Down => table.select_next(),
            KeyCode::PageUp => table.scroll_up_by(PAGE),
            KeyCode::PageDown => table.scroll_down_by(PAGE),
            KeyCode::Home => table.select_first(),
            KeyCode::End => table.select_last(),
            _ => return,
        }
        // Scrolling goes beyond the end of a table whose length it does not know.
        let last = rows.len().checked_sub(1);
        let place = table.selected().zip(last).map(|(selected, last)| selected.min(last));
        table.select(place);
        pane.selected = place.map(|place| rows.swap_remove(place));
    }

    /// What the selected row has more to tell.
    fn details(&self, board: &Board) -> Option<Popup> {
        match self.focus {
            Pane::Agents => self.selected_agent(board).map(|agent| Popup::Agent(agent.key())),
            Pane::Calls => self.selected_call(board).map(|call| Popup::Call(call.key())),
            Pane::Queues => {
                let selected = self.pane(Pane::Queues).selected.as_ref()?;
                board.queues.iter().find(|queue| queue.key() == *selected).map(|queue| Popup::Queue(queue.key()))
            }
        }
    }

    /// The agent that is looked at: in the popup, else the selected row.
    fn selected_agent<'b>(&self, board: &'b Board) -> Option<&'b Agent> {
        let selected = match &self.popup {
            Some(Popup::Agent(key)) => key,
            _ => self.pane(Pane::Agents).selected.as_ref()?,
        };
        board.agents.iter().find(|agent| agent.key() == *selected)
    }

    /// The call that is looked at, likewise.
    fn selected_call<'b>(&self, board: &'b Board) -> Option<&'b Call> {
        let selected = match &self.popup {
            Some(Popup::Call(key)) => key,
            _ => self.pane(Pane::Calls).selected.as_ref()?,
        };
        board.calls.iter().find(|call| call.key() == *selected)
    }

    /// A letter that asks something of the server.
    fn act(&mut self, letter: char, board: &Board) -> Outcome {
        let known = match self.focus {
            Pane::Agents => matches!(letter, 'r' | 'n'),
            Pane::Calls => matches!(letter, 'a' | 'o' | 'u' | 't' | 'x'),
            Pane::Queues => false,
        };
        if !known {
            return Outcome::Seen;
        }
        let is_state = self.focus == Pane::Agents;
        // A server may grant the second in place of the first: states can be set then, and calls not.
        let either = CtiService::CTI_SERVICE_CLIENT_CONTROL | CtiService::CTI_AGENT_STATE_CONTROL_ONLY;
        let needed = if is_state { either } else { CtiService::CTI_SERVICE_CLIENT_CONTROL };
        // Said here: the server would only say that it is not allowed.
        if !board.granted.intersects(needed) {
            "the server has not granted CTI_SERVICE_CLIENT_CONTROL".clone_into(&mut self.message);
            return Outcome::Seen;
        }
        let outcome = if is_state { self.set_state(letter, board) } else { self.control(letter, board) };
        outcome.unwrap_or_else(|reason| {
            reason.clone_into(&mut self.message);
            Outcome::Seen
        })
    }

    /// A letter for the selected agent; why not, if it cannot be.
    fn set_state(&mut self, letter: char, board: &Board) -> Result<Outcome, &'static str> {
        let agent = self.selected_agent(board).ok_or("no agent is selected")?;
        let acted =
            ActedAgent { peripheral: agent.peripheral, id: agent.id.clone(), instrument: agent.instrument.clone() };
        if letter == 'r' {
            return Ok(Outcome::Do(Command::SetState(acted, AgentState::AGENT_STATE_AVAILABLE, 0)));
        }
        self.input = Some(Input::Reason { agent: acted, code: String::new() });
        Ok(Outcome::Seen)
    }

    /// A letter for the selected call, likewise.
    fn control(&mut self, letter: char, board: &Board) -> Result<Outcome, &'static str> {
        let call = self.selected_call(board).ok_or("no call is selected")?;
        let (wanted, otherwise): (&[LocalConnectionState], _) = match letter {
            'a' => (&[LocalConnectionState::LCS_ALERTING], "the call rings nowhere"),
            'u' => (&[LocalConnectionState::LCS_HOLD], "nobody has the call on hold"),
            'o' => (&[LocalConnectionState::LCS_CONNECT], "no agent talks in the call"),
            _ => (
                &[
                    LocalConnectionState::LCS_CONNECT,
                    LocalConnectionState::LCS_HOLD,
                    LocalConnectionState::LCS_ALERTING,
                ],
                "no agent is in the call",
            ),
        };
        // Only agents' devices can be commanded; that of an agent who is known comes first.
        let mut fitting = call.parties.iter().filter(|party| wanted.contains(&party.state));
        let party =
            fitting.clone().find(|party| !party.agent.is_empty()).or_else(|| fitting.next()).ok_or(otherwise)?;
        let instrument = party.device.clone();
        let (connection, state) = (party.connection.clone(), party.state);
        let acted = Acted { peripheral: call.peripheral, connection, instrument, state };
        Ok(Outcome::Do(match letter {
            'a' => Command::Answer(acted),
            'o' => Command::Hold(acted),
            'u' => Command::Retrieve(acted),
            'x' => Command::Clear(acted),
            _ => {
                self.input = Some(Input::Transfer { call: acted, number: String::new() });
                return Ok(Outcome::Seen);
            }
        }))
    }
}

/// The other way round, if that is wanted.
fn ordered<T>(mut rows: Vec<T>, pane: &PaneView) -> Vec<T> {
    if pane.reversed {
        rows.reverse();
    }
    rows
}

/// Edits a line at its end.
fn edit(line: &mut String, code: KeyCode) {
    match code {
        KeyCode::Backspace => drop(line.pop()),
        KeyCode::Char(letter) => line.push(letter),
        _ => {}
    }
}
