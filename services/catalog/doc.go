// Package catalog is the shop's products as HQ last gave them: reading them
// from HQ page by page, refusing what cannot be sold safely, keeping the local
// cache in step, and finding a product before the finger leaves the key.
//
// HQ is the authority; the cache is disposable. Package catalog declares what
// it needs of HQ (Source) and of the disk (Store) and imports neither.
package catalog
