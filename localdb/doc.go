// Package localdb keeps the till's data on its own disk, in SQLite. It
// implements the interfaces that services declare:
//
//   - Ledger, on ledger.db, is checkout.Store and upload.Store: everything HQ
//     cannot give back.
//     Each transition of money is one durable commit; what is posted can be
//     neither changed nor deleted; a damaged file is never thrown away.
//     Its second journal, its backups and the way back from them are here too.
//   - Catalog, on catalog.db, is catalog.Store: HQ's product list as last
//     synced. It is disposable: a damaged file is set aside and made anew.
//
// Times are unix milliseconds, money is integer fen, weight integer grams.
// docs/data.md describes the tables, what may be deleted, and the backups.
//
// Every error is a fault whose sentence says what to do. The package may touch
// the folders it is given, for data, journal and backups, and imports only
// services.
package localdb
