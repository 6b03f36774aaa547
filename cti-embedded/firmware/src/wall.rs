//! What a wallboard looks like: where agents, queues and calls stand on the screen, and how they are drawn. Who knows what
//! there is to be drawn is a [`Board`].

use core::cell::RefCell;
use core::fmt;
use core::time::Duration;

use embassy_time::Instant;

use crate::screen::Screen;
use crate::stack;
use crate::text::Line;

/// Agents on the wall.
pub const AGENTS: usize = 64;
/// Queues on the wall.
pub const QUEUES: usize = 16;
/// Calls on the wall.
pub const CALLS: usize = 32;

/// How often to look for what is different.
pub const REFRESH: embassy_time::Duration = embassy_time::Duration::from_millis(200);

/// Where things are on the screen, and how wide: rows, columns.
const AGENT_ROW: usize = 2;
const AGENT_COLUMNS: usize = 5;
const QUEUE_ROW: usize = 16;
const CALL_ROW: usize = 21;
const COLUMNS: usize = 4;
const STATUS_ROW: usize = 29;

/// The text in one place.
pub type Cell = Line<19>;

/// A place on the wall, by its number from 0 on.
#[derive(Clone, Copy)]
pub enum Place {
    /// Of an agent.
    Agent(usize),
    /// Of a call.
    Call(usize),
    /// All of the calls': they were lost sight of.
    Calls,
}

/// What stands above all.
pub struct Head {
    /// Who is connected to.
    pub peer: &'static str,
    /// Agents that are logged in.
    pub agents: u32,
    /// Agents that are ready for calls.
    pub ready: u32,
    /// Agents that are on calls.
    pub talking: u32,
    /// Calls that there are.
    pub calls: usize,
}

/// What stands below all.
pub struct Foot {
    /// Frames that came.
    pub frames: u64,
    /// Connections that came to be.
    pub opened: u32,
    /// Connections that were lost.
    pub lost: u32,
    /// Frames that were too large.
    pub skipped: u32,
    /// Why there is no connection.
    pub reason: Option<&'static str>,
}

/// Who knows what is to be drawn.
pub trait Board {
    /// The next place that is to be drawn anew, as something has changed.
    fn next_change(&mut self, now: Instant) -> Option<(Place, Cell)>;
    /// The agents, then the calls, one by one, for the times that go on; at most [`AGENTS`] and [`CALLS`].
    fn nth(&self, entry: usize, now: Instant) -> Option<(Place, Cell)>;
    /// A queue.
    fn queue(&self, queue: usize, now: Instant) -> Cell;
    /// The first line.
    fn head(&self) -> Head;
    /// The last line.
    fn foot(&self) -> Foot;
}

/// The wall on a screen.
pub struct Wall {
    screen: &'static mut Screen,
    second: u64,
}

impl Wall {
    /// A wall on which nothing stands but what is always there.
    pub async fn new(screen: &'static mut Screen) -> Self {
        screen.clear().await;
        screen.put::<80>(AGENT_ROW - 1, 0, format_args!("Agents")).await;
        screen.put::<80>(QUEUE_ROW - 1, 0, format_args!("Queues: ready, waiting, longest")).await;
        screen.put::<80>(CALL_ROW - 1, 0, format_args!("Calls")).await;
        Self { screen, second: 0 }
    }

    /// Shows what has become of a board: what has changed, and once a second the times.
    pub async fn refresh<B: Board>(&mut self, board: &RefCell<B>) {
        let now = Instant::now();
        loop {
            // Not as the condition of a `while let`: the board would be borrowed while it is drawn.
            let change = board.borrow_mut().next_change(now);
            let Some((place, cell)) = change else { break };
            draw(self.screen, place, &cell).await;
        }
        for queue in 0..QUEUES {
            let cell = board.borrow().queue(queue, now);
            self.screen.put::<19>(QUEUE_ROW + queue / COLUMNS, queue % COLUMNS * 20, format_args!("{cell}")).await;
        }
        if core::mem::replace(&mut self.second, now.as_secs()) != self.second {
            for entry in 0..AGENTS + CALLS {
                let times = board.borrow().nth(entry, now);
                if let Some((place, cell)) = times {
                    draw(self.screen, place, &cell).await;
                }
            }
        }
        let text = board.borrow().head().line(now);
        self.screen.put::<80>(0, 0, format_args!("{text}")).await;
        let text = board.borrow().foot().line();
        self.screen.put::<80>(STATUS_ROW, 0, format_args!("{text}")).await;
    }
}

async fn draw(screen: &mut Screen, place: Place, cell: &Cell) {
    match place {
        Place::Agent(slot) => {
            let (row, column) = (AGENT_ROW + slot / AGENT_COLUMNS, slot % AGENT_COLUMNS * 16);
            screen.put::<15>(row, column, format_args!("{cell}")).await;
        }
        Place::Call(slot) => put_call(screen, slot, cell).await,
        Place::Calls => {
            for slot in 0..CALLS {
                put_call(screen, slot, cell).await;
            }
        }
    }
}

async fn put_call(screen: &mut Screen, slot: usize, cell: &Cell) {
    screen.put::<19>(CALL_ROW + slot / COLUMNS, slot % COLUMNS * 20, format_args!("{cell}")).await;
}

impl Head {
    fn line(&self, now: Instant) -> Line<80> {
        let Self { peer, agents, ready, talking, calls } = self;
        let time = Clocked(Duration::from_millis(now.as_millis()));
        Line::of(format_args!(
            "CTI wallboard  {peer}  agents {agents} ready {ready} talking {talking}  calls {calls}  up {time}"
        ))
    }
}

impl Foot {
    fn line(&self) -> Line<80> {
        let Self { frames, opened, lost, skipped, reason } = self;
        let stack = stack::usage();
        let mut text = Line::of(format_args!(
            "frames {frames} opened {opened} lost {lost} skipped {skipped} stack {}/{}",
            stack.peak, stack.size
        ));
        if let Some(reason) = reason {
            text.push(format_args!(" {reason}"));
        }
        text
    }
}

/// An agent: login, state and time in it.
#[must_use]
pub fn agent_cell(id: &str, state: &str, time: Duration) -> Cell {
    Cell::of(format_args!("{id:<5}{state:<5}{}", Clocked(time)))
}

/// A call: its ID, its stage and the time in it.
#[must_use]
pub fn call_cell(call_id: u32, stage: &str, time: Duration) -> Cell {
    Cell::of(format_args!("{call_id:<8} {stage:<5}{}", Clocked(time)))
}

/// A queue: its number, how many agents are ready for it, how many calls wait, and the longest of them.
#[must_use]
pub fn queue_cell(number: u32, ready: usize, waiting: usize, longest: Option<Duration>) -> Cell {
    let mut cell = Cell::of(format_args!("{number:<5}{ready:>3}{waiting:>4}"));
    if let Some(longest) = longest {
        cell.push(format_args!(" {}", Clocked(longest)));
    }
    cell
}

/// A time as minutes and seconds.
struct Clocked(Duration);

impl fmt::Display for Clocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs() as u32;
        write!(f, "{}:{:02}", seconds / 60, seconds % 60)
    }
}
