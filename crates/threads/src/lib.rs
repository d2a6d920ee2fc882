//! A pool of OS threads fed through a crossbeam channel.
