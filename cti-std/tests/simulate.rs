//! The simulated contact centre: what it tells, whom it obeys, and whether it adds up.

mod simulate {
    mod control;
    mod desk;
    mod express;
    mod life;
    mod limits;
    mod more;
    mod numbers;
    mod services;
    mod sockets;
    mod tracked;
}
