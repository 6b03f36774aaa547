//! `cti simulate`: a contact centre to try things on.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::net::{AddrParseError, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use cti_proto::wire::Time;
use cti_std::simulate::{Config, Day, Endpoint, FAULTS, Fault, Side, Simulator, SimulatorOptions, TimedFault};
use cti_std::tls::{ServerTls, TlsFiles};

use crate::signals::Wish;
use crate::{Product, Status, fail, say};

const EXAMPLES: &str = "\
Examples:
  cti simulate
  cti simulate --agents 200 --skill-groups 12 --calls-per-hour 4000 --speed 10
  cti simulate --side-a 127.0.0.1:0 --side-b 127.0.0.1:0 --fault drop@60 --fault restore@90
  cti simulate --ccx 127.0.0.1:12028
  echo maintenance | cti simulate

Agents log in with 1001, 1002 and on, at extensions 5001, 5002 and on (behind
7000 from 100001), peripheral 5000. A client drives the agents whose state or
calls it changes, until it logs them out or its session ends. All versions are
served at once, and with --ccx both products: agents are 1001 to the one and
agent1001 to the other.
Lines on standard input are faults too, at once and without `@SECONDS`.

Exit status:
  0  ended by a signal
  2  the arguments or the addresses cannot be used";

/// Simulate a contact centre that speaks the protocol and obeys its clients
#[derive(Debug, Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\nFaults: {FAULTS}"))]
pub(crate) struct Simulate {
    /// Where side A, the active one, listens; port 0 for any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:42027")]
    side_a: SocketAddr,

    /// Where side B, on standby, listens; port 0 for any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:43027")]
    side_b: SocketAddr,

    /// Agents
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    agents: u32,

    /// Skill groups
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    skill_groups: u32,

    /// Calls from outside in the busiest hour [default: as many as keep the agents busy without letting many callers wait]
    #[arg(long, value_name = "N", value_parser = rate)]
    calls_per_hour: Option<f64>,

    /// Seconds that pass in the contact centre for each of ours
    #[arg(long, value_name = "X", default_value = "1", value_parser = speed)]
    speed: f64,

    /// Where all chance comes from: the same number gives the same calls
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Product that the two sides speak
    #[arg(long, default_value = "cce")]
    product: Product,

    /// Where the sides speak Unified CCX besides; its sessions have the same calls
    #[arg(long, value_name = "A[,B]")]
    ccx: Option<Addresses>,

    /// Password that clients must give [default: any will do]
    #[arg(long, value_name = "P")]
    password: Option<String>,

    /// Where the sides take secured connections; the other addresses stay plain then
    #[arg(long, value_name = "A[,B]", requires = "tls_cert")]
    secured: Option<Addresses>,

    /// Certificate to show, PEM: makes both sides secured ones, unless there is --secured
    #[arg(long, value_name = "F", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate, PEM
    #[arg(long, value_name = "F", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Certificates to trust, of authorities or of clients themselves, PEM: clients must show one then
    #[arg(long, value_name = "F", requires = "tls_cert")]
    tls_ca: Option<PathBuf>,

    /// Something that goes wrong, after so many seconds: `FAULT[@SECONDS]`
    #[arg(long = "fault", value_name = "SPEC")]
    faults: Vec<TimedFault>,
}

/// Addresses of side A and, if it is to have one, of side B.
#[derive(Clone, Copy, Debug)]
struct Addresses(SocketAddr, Option<SocketAddr>);

impl FromStr for Addresses {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        match text.split_once(',') {
            Some((a, b)) => Ok(Self(a.trim().parse()?, Some(b.trim().parse()?))),
            None => Ok(Self(text.trim().parse()?, None)),
        }
    }
}

/// How long everybody has been at work when the first client comes.
const AT_WORK: Duration = Duration::from_secs(900);

impl Simulate {
    pub(crate) fn run(self) -> Status {
        let options = match self.options() {
            Ok(options) => options,
            Err(reason) => return fail(&reason),
        };
        let agents = options.config.agents;
        // A port that is taken is the usual reason, and the system does not say which.
        let more = options.more.iter().map(|endpoint| format!(", {}", endpoint.address)).collect::<String>();
        let places = format!("{}, {}{more}", self.side_a, self.side_b);
        let simulator = match Simulator::start(options) {
            Ok(simulator) => simulator,
            Err(error) => return fail(&format!("cannot listen at {places}: {error}")),
        };
        // Whoever has read the line may send a signal.
        let (sender, receiver) = mpsc::channel();
        let wish = sender.clone();
        let listens = Wish::listen(move || {
            // Nobody waits any more if the simulation has ended by itself.
            let _ = wish.send(None);
        });
        if let Err(error) = listens {
            return fail(&format!("cannot listen for signals: {error}"));
        }
        let line = format!("simulating {agents} agents: connect to {}\n", self.places(&simulator));
        let mut out = io::stdout().lock();
        match out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            // Whoever started it is gone already.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Status::Done,
            Err(error) => return fail(&format!("cannot write: {error}")),
        }
        // The lock: faults that are not understood are written meanwhile.
        drop(out);
        // In a thread that nobody waits for: a read of the terminal cannot be given up.
        std::thread::spawn(move || read_faults(&sender));
        wait(simulator, &receiver)
    }

    /// Where it listens, as `--connect` takes it.
    fn places(&self, simulator: &Simulator) -> String {
        let mut more = simulator.more().iter();
        let mut next = |addresses: &Option<Addresses>, what: &str| {
            let count = addresses.as_ref().map_or(0, |addresses| 1 + usize::from(addresses.1.is_some()));
            let places: Vec<_> = more.by_ref().take(count).map(SocketAddr::to_string).collect();
            if places.is_empty() { String::new() } else { format!("; {what}: {}", places.join(",")) }
        };
        let (ccx, secured) = (next(&self.ccx, "Unified CCX"), next(&self.secured, "secured"));
        let side_b = simulator.side_b().map(|side| format!(",{side}")).unwrap_or_default();
        format!("{}{side_b}{ccx}{secured}", simulator.side_a())
    }

    /// What the arguments ask for.
    fn options(&self) -> Result<SimulatorOptions, String> {
        let product = self.product.into();
        let mut config = Config::new(product);
        config.seed = self.seed;
        config.agents = self.agents as usize;
        config.skill_groups = self.skill_groups as usize;
        config.calls_per_hour = self.calls_per_hour.unwrap_or_else(|| config.lively_calls_per_hour());
        config.day = Day::Office { begins_at: 10 };
        config.client_password.clone_from(&self.password);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // So that the contact centre has our time when the first client comes.
        config.start = Time(u32::try_from(time.saturating_sub(AT_WORK).as_secs()).unwrap_or(u32::MAX));
        let mut options = SimulatorOptions::new(config);
        (options.side_a, options.side_b) = (self.side_a, Some(self.side_b));
        options.speed = self.speed;
        options.head_start = AT_WORK;
        options.faults.clone_from(&self.faults);
        let endpoints = |addresses: &Option<Addresses>, product| {
            let Some(Addresses(side_a, side_b)) = *addresses else { return Vec::new() };
            let side_b = side_b.map(|address| Endpoint::new(Side::B, address, product));
            std::iter::once(Endpoint::new(Side::A, side_a, product)).chain(side_b).collect()
        };
        options.more = endpoints(&self.ccx, cti_proto::Product::Ccx);
        if self.tls_cert.is_some() {
            let files = TlsFiles {
                authorities: self.tls_ca.clone(),
                certificate: self.tls_cert.clone(),
                key: self.tls_key.clone(),
                server_name: None,
            };
            let tls = Some(Arc::new(ServerTls::new(&files).map_err(|error| error.to_string())?));
            if self.secured.is_none() {
                options.tls.clone_from(&tls);
            }
            let secured = endpoints(&self.secured, product);
            options.more.extend(secured.into_iter().map(|mut endpoint| {
                endpoint.tls.clone_from(&tls);
                endpoint
            }));
        }
        Ok(options)
    }
}

/// Waits for the wish to end, and takes faults meanwhile.
fn wait(simulator: Simulator, receiver: &mpsc::Receiver<Option<Fault>>) -> Status {
    // A simulation that has ended by itself wishes nothing: without a look at it now and then we would wait for ever.
    while simulator.is_running() {
        match receiver.recv_timeout(Duration::from_secs(1)) {
            Ok(Some(fault)) => simulator.fault(fault),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    match simulator.stop() {
        Ok(()) => Status::Done,
        Err(error) => fail(&error.to_string()),
    }
}

/// Takes faults from standard input, until that ends.
fn read_faults(sender: &mpsc::Sender<Option<Fault>>) {
    let input = io::stdin();
    if input.is_terminal() {
        say(&format!("faults, one a line: {FAULTS}"));
    }
    for line in input.lock().split(b'\n').map_while(Result::ok) {
        // What is no text is no fault either, and is refused as such; the lines behind it are still read.
        match String::from_utf8_lossy(&line).trim() {
            "" => {}
            line => match line.parse() {
                Ok(fault) if sender.send(Some(fault)).is_err() => return,
                Ok(_) => {}
                Err(error) => say(&error.to_string()),
            },
        }
    }
}

/// Calls an hour: a bound keeps the simulation from doing nothing but that.
fn rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.0..=1e7).contains(rate)).ok_or_else(|| "not a number from 0 to 10000000".into())
}

/// How much faster than ours the clock is.
fn speed(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|speed| (0.01..=10_000.0).contains(speed))
        .ok_or_else(|| "not a number from 0.01 to 10000".into())
}
