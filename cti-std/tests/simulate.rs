//! The simulated contact centre: what it tells, whom it obeys, and whether it adds up.

mod simulate {
    mod control;
    mod desk;
    mod express;
    mod life;
    mod limits;
    mod mixed;
    mod more;
    mod numbers;
    mod queues;
    mod recorder;
    mod requests;
    mod services;
    mod sockets;
    mod stage;
    mod supervision;
    mod tracked;
}
