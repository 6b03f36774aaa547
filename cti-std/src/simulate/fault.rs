//! What can go wrong on request, and how it is written.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use cti_proto::value::FailureStatus;

/// A side of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Side A.
    A,
    /// Side B.
    B,
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `none`: whatever is wrong is right again.
    None,
    /// `refuse-open[=STATUS]`: OPEN_REQ is refused, if nothing else is said as the server is offline (15).
    RefuseOpen(FailureStatus),
    /// `refuse[=SIDE]`: new connections are reset.
    Refuse(Option<Side>),
    /// `half-open[=SIDE]`: connections play dead, the new ones too: what clients send disappears, and nothing comes.
    HalfOpen(Option<Side>),
    /// `drop=SIDE`, `drop`: a side (A) dies, connections and all; the other one becomes active.
    Drop(Side),
    /// `restore=SIDE`, `restore`: a side (A) that died or was in maintenance comes back.
    Restore(Side),
    /// `stall[=SECONDS]`: nothing is written, on no connection, for so long or until `none`.
    Stall(Option<Duration>),
    /// `delay=MILLISECONDS`: everything is written so much later, on all connections.
    Delay(Duration),
    /// `reset[=BYTES]`: every connection is reset after so many more bytes (5), in the middle of a message.
    Reset(usize),
    /// `garbage`: every client gets bytes that are no message.
    Garbage,
    /// `peripheral-offline`: the peripheral goes out of service: calls end, control fails.
    PeripheralOffline,
    /// `peripheral-online`: it comes back.
    PeripheralOnline,
    /// `controller-offline`: the gateway loses the central controller: no translation routes, all else goes on.
    ControllerOffline,
    /// `controller-online`: it is there again.
    ControllerOnline,
    /// `recorder-offline`: the recorder of the network is lost: network recordings fail.
    RecorderOffline,
    /// `recorder-online`: it is there again.
    RecorderOnline,
    /// `reconfigure`: no fault at all: an agent changes to another skill group, and the configuration with it.
    Reconfigure,
    /// `maintenance`: the active side asks its clients to let it go into maintenance mode, and does if they agree.
    Maintenance,
}

/// A fault and its time: `FAULT[@SECONDS]`, counted from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedFault {
    /// How long after the beginning.
    pub after: Duration,
    /// What goes wrong.
    pub fault: Fault,
}

/// Not a fault that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

/// All faults, as they are written.
pub const FAULTS: &str = "none, refuse-open[=STATUS], refuse[=a|b], half-open[=a|b], drop[=a|b], restore[=a|b], \
    stall[=SECONDS], delay=MILLISECONDS, reset[=BYTES], garbage, peripheral-offline, peripheral-online, \
    controller-offline, controller-online, recorder-offline, recorder-online, reconfigure, maintenance";

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let text = text.trim();
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let wrong = || UnknownFault(text.to_owned());
        let number = || value.map(|value| value.parse::<u64>().map_err(|_| wrong())).transpose();
        let side = || match value {
            None => Ok(None),
            Some("a" | "A") => Ok(Some(Side::A)),
            Some("b" | "B") => Ok(Some(Side::B)),
            Some(_) => Err(wrong()),
        };
        Ok(match (name, value) {
            ("none", None) => Self::None,
            // Names in front: their numbers are hard to remember.
            ("refuse-open", Some(name)) if name.starts_with("E_") => {
                Self::RefuseOpen(FailureStatus::from_name(name).ok_or_else(wrong)?)
            }
            ("refuse-open", _) => {
                let status = number()?.map(|number| u32::try_from(number).map_err(|_| wrong())).transpose()?;
                Self::RefuseOpen(status.map_or(FailureStatus::E_CTI_CTI_SERVER_OFFLINE, FailureStatus))
            }
            ("refuse", _) => Self::Refuse(side()?),
            ("half-open", _) => Self::HalfOpen(side()?),
            ("drop", _) => Self::Drop(side()?.unwrap_or(Side::A)),
            ("restore", _) => Self::Restore(side()?.unwrap_or(Side::A)),
            ("stall", _) => Self::Stall(number()?.map(Duration::from_secs)),
            ("delay", Some(_)) => Self::Delay(Duration::from_millis(number()?.unwrap_or_default())),
            ("reset", _) => Self::Reset(number()?.map_or(5, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))),
            ("garbage", None) => Self::Garbage,
            ("peripheral-offline", None) => Self::PeripheralOffline,
            ("peripheral-online", None) => Self::PeripheralOnline,
            ("controller-offline", None) => Self::ControllerOffline,
            ("controller-online", None) => Self::ControllerOnline,
            ("recorder-offline", None) => Self::RecorderOffline,
            ("recorder-online", None) => Self::RecorderOnline,
            ("reconfigure", None) => Self::Reconfigure,
            ("maintenance", None) => Self::Maintenance,
            _ => return Err(wrong()),
        })
    }
}

impl FromStr for TimedFault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (fault, after) = text.rsplit_once('@').map_or((text, "0"), |(fault, after)| (fault, after));
        // The bound keeps what is no number, or none that a clock can reach, out of `from_secs_f64`, which panics.
        let seconds = after.trim().parse::<f64>().ok().filter(|seconds| (0.0..1e9).contains(seconds));
        let seconds = seconds.ok_or_else(|| UnknownFault(text.to_owned()))?;
        Ok(Self { after: Duration::from_secs_f64(seconds), fault: fault.parse()? })
    }
}

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no fault: say one of {FAULTS}", self.0)
    }
}

impl std::error::Error for UnknownFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_list_names_is_a_fault() {
        for written in FAULTS.split(", ") {
            let name = written.split(['[', '=']).next().unwrap_or_default();
            let value = if written.contains("=MILLI") { "=1" } else { "" };
            assert!(format!("{name}{value}").parse::<Fault>().is_ok(), "{written}");
        }
    }

    #[test]
    fn faults_are_read_as_they_are_written() {
        let read = |text: &str| text.parse::<TimedFault>().map(|fault| (fault.after.as_millis(), fault.fault));
        assert_eq!(read("drop"), Ok((0, Fault::Drop(Side::A))));
        assert_eq!(read("drop=b@30"), Ok((30_000, Fault::Drop(Side::B))));
        assert_eq!(read("stall=5@1.5"), Ok((1_500, Fault::Stall(Some(Duration::from_secs(5))))));
        assert_eq!(read("refuse-open"), Ok((0, Fault::RefuseOpen(FailureStatus::E_CTI_CTI_SERVER_OFFLINE))));
        assert_eq!(
            read("refuse-open=E_CTI_INVALID_PASSWORD"),
            Ok((0, Fault::RefuseOpen(FailureStatus::E_CTI_INVALID_PASSWORD)))
        );
        assert_eq!(read("refuse-open=36"), Ok((0, Fault::RefuseOpen(FailureStatus::E_CTI_INVALID_PASSWORD))));
        for wrong in ["", "drop=c", "delay", "garbage=1", "stall=x", "drop@x", "refuse-open=E_NOTHING"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
