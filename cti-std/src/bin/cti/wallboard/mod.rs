//! `cti wallboard`: agents, queues and calls on the terminal.

mod act;
mod board;
mod draw;
mod feed;
mod resync;
#[cfg(test)]
mod tests;
mod view;

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anstream::{AutoStream, ColorChoice};
use clap::Args;
use cti_proto::session::Event;
use cti_proto::value::{ConfigMask, CtiService};
use cti_proto::wire::Time;
use cti_std::client::{BlockingClient, ClientOptions};
use cti_std::clock;
use cti_std::simulate::{self, Simulator, SimulatorOptions};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, KeyEventKind};

use crate::connect::Connect;
use crate::signals::Wish;
use crate::{Status, fail};
use act::Commands;
use board::Board;
use draw::Theme;
use feed::{Feed, Todo};
use view::{Outcome, View};

const ABOUT: &str = "\
Shows a contact centre live: agents by state and time, queues with waiting calls
and the longest wait, calls in progress with their parties and data, the service
level, and the health of the connection. Where the server grants it, agents are
set ready and not ready, and calls answered, held, transferred and hung up.

Without --connect it simulates a contact centre itself, behind real sockets.

Press ? for the keys, and q to end.

The service level counts from the start: calls for a queue that were answered in
time, whether they had to wait there or found an agent free, of all that were
answered or abandoned, but for those that were abandoned in time. In time is
20 s, unless the configuration says otherwise.";

const AFTER: &str = "\
Examples:
  cti wallboard
  cti wallboard --connect pg1a,pg1b
  cti wallboard --connect pg1a --password-file secret --tls-ca pg.pem
  cti wallboard --connect uccx --product ccx
  NO_COLOR=1 cti wallboard --connect pg1a

Exit status:
  0  ended by q or a signal
  2  the arguments or the terminal cannot be used
  3  the server refuses the session for good";

/// Show agents, queues and calls, live
#[derive(Debug, Args)]
#[command(long_about = ABOUT, after_long_help = AFTER)]
pub(crate) struct Wallboard {
    #[command(flatten)]
    connect: Connect,
}

/// How long the contact centre inside has been at work when it is shown.
const AT_WORK: Duration = Duration::from_secs(900);
/// How long the network is looked at before the keys are.
const TURN: Duration = Duration::from_millis(25);
/// Time between two pictures while much happens.
const FRAME: Duration = Duration::from_millis(100);
/// Time between two pictures while nothing does: the clocks go on.
const CLOCK: Duration = Duration::from_millis(500);

impl Wallboard {
    pub(crate) fn run(self) -> Status {
        self.try_run().unwrap_or_else(|reason| fail(&reason))
    }

    fn try_run(&self) -> Result<Status, String> {
        // Before anything is connected to: without keys nobody could end it.
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err("the wallboard needs a terminal; for other readers there is `cti monitor`".into());
        }
        let needed = CtiService::CTI_SERVICE_CLIENT_CONTROL | CtiService::CTI_SERVICE_CONFIG_EVENTS;
        let simulator = if self.connect.names_server() { None } else { Some(simulate(self.connect.product())?) };
        let connect = match &simulator {
            Some(simulator) => &self.connect.to(addresses(simulator)),
            None => &self.connect,
        };
        let mut options = connect.options(needed)?;
        options.config.config = ConfigMask::CONFIG_MSG_SKILL_GROUP_MASK | ConfigMask::CONFIG_MSG_AGENT_MASK;
        // A hundred questions a second: a large centre is known in a few minutes, and the server hardly notices.
        options.config.resync_interval = Duration::from_millis(10);
        self.show(options).map_err(|error| error.to_string())
    }

    /// Shows what the client brings, until somebody wants it to end.
    fn show(&self, options: ClientOptions) -> io::Result<Status> {
        let mut client = BlockingClient::new(options).map_err(io::Error::other)?;
        let handle = client.handle();
        let wish = Wish::listen(move || handle.close())?;
        let colour = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let mut screen = Screen {
            feed: Feed::new(client.options(), clock::now()),
            view: View::default(),
            commands: Commands::default(),
            board: Board::default(),
            theme: Theme { colour },
        };
        // After the client: what is wrong with that is said on a terminal as it was.
        let mut terminal = ratatui::try_init()?;
        let shown = screen.run(&mut terminal, &mut client, &wish);
        // The cursor comes back when the terminal is dropped: before the wait for the server's word.
        drop(terminal);
        ratatui::restore();
        client.shut_down(|_| {})?;
        match shown? {
            Some(reason) => {
                let _ = fail(&reason);
                Ok(Status::NoSession)
            }
            None => Ok(Status::Done),
        }
    }
}

/// A contact centre inside, on ports that are free: small, lively, and another one each time. It has been at work for a
/// while.
fn simulate(product: cti_proto::Product) -> Result<Simulator, String> {
    let mut config = simulate::Config::new(product);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    config.seed = u64::try_from(time.as_nanos()).unwrap_or_default();
    config.start = Time(u32::try_from(time.saturating_sub(AT_WORK).as_secs()).unwrap_or(u32::MAX));
    let mut options = SimulatorOptions::new(config);
    options.head_start = AT_WORK;
    Simulator::start(options).map_err(|error| format!("cannot simulate a contact centre: {error}"))
}

/// The sides, as `--connect` takes them.
fn addresses(simulator: &Simulator) -> Vec<String> {
    [Some(simulator.side_a()), simulator.side_b()].into_iter().flatten().map(|side| side.to_string()).collect()
}

/// Everything on the screen, and behind it.
struct Screen {
    feed: Feed,
    view: View,
    commands: Commands,
    /// The picture of before, while it stands still.
    board: Board,
    theme: Theme,
}

impl Screen {
    /// Shows until it is to end; why, if the server wants it so.
    fn run(
        &mut self,
        terminal: &mut DefaultTerminal,
        client: &mut BlockingClient,
        wish: &Wish,
    ) -> io::Result<Option<String>> {
        let mut drawn = Instant::now();
        self.draw(terminal)?;
        while !wish.is_there() {
            // Network and keys in turn: neither has a thread of its own, so that both see one state.
            let (is_news, end) = self.listen(client)?;
            if let Some(end) = end {
                return Ok(Some(end).filter(|_| !wish.is_there()));
            }
            let (is_key, quits) = self.keys(client)?;
            if quits {
                return Ok(None);
            }
            let passed = drawn.elapsed();
            // A key is answered at once; events come by the thousand, and eyes take ten pictures a second.
            if is_key || (is_news && passed >= FRAME) || passed >= CLOCK {
                self.feed.tick(client, clock::now());
                self.draw(terminal)?;
                drawn = Instant::now();
            }
        }
        Ok(None)
    }

    /// Draws the picture of now, or that of before.
    fn draw(&mut self, terminal: &mut DefaultTerminal) -> io::Result<()> {
        // The feed goes on: when the picture does, it is that of now.
        if !self.view.paused {
            self.board = self.feed.board(clock::now());
        }
        let Self { board, view, theme, .. } = self;
        terminal.draw(|frame| draw::draw(frame, board, view, *theme)).map(drop)
    }

    /// Takes what the network brings for a while. Whether there was anything, and the end of the session.
    fn listen(&mut self, client: &mut BlockingClient) -> io::Result<(bool, Option<String>)> {
        let begin = Instant::now();
        let mut is_news = false;
        while let Some(left) = TURN.checked_sub(begin.elapsed()) {
            let Some(event) = client.next_event(Some(left))? else { break };
            let now = clock::now();
            is_news = true;
            if let Event::Ended(ended) = event {
                return Ok((true, Some(ended.to_string())));
            }
            // The event borrows the client: what is to be done with that comes after it.
            let todo = self.feed.event(&event, now);
            if let Some(words) = self.commands.event(&event) {
                self.view.message = words;
            }
            if todo != Todo::Nothing {
                self.feed.follow_up(todo, client);
            }
        }
        Ok((is_news, None))
    }

    /// Takes the keys that were pressed. Whether there were any, and whether one of them ends it.
    fn keys(&mut self, client: &mut BlockingClient) -> io::Result<(bool, bool)> {
        let mut is_any = false;
        while event::poll(Duration::ZERO)? {
            is_any = true;
            let event::Event::Key(key) = event::read()? else { continue };
            // Some terminals tell of both ends of a key.
            if key.kind == KeyEventKind::Release {
                continue;
            }
            match self.view.key(key, &self.board) {
                Outcome::Seen => {}
                Outcome::Quit => return Ok((true, true)),
                Outcome::Do(command) => self.view.message = self.commands.send(client, &command),
            }
        }
        Ok((is_any, false))
    }
}
