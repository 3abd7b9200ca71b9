// Command go-checker reads a board's folder with the Go team's own note and tlog packages.
// Usage: go-checker FOLDER VKEY OLDNOTE...; it prints one line and exits 0 only if everything holds.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder reads tiles of height 8 in the c2sp.org/tlog-tiles layout, which leaves the height out.
type folder string

func (f folder) Height() int                         { return 8 }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		b, err := os.ReadFile(filepath.Join(string(f), strings.Replace(t.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		data[i] = b
	}
	return data, nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(text []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	n, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(n.Text, "\n", 2)[1]))
	check(err)
	return tree
}

func main() {
	dir, vkey := folder(os.Args[1]), os.Args[2]
	text, err := os.ReadFile(filepath.Join(string(dir), "checkpoint"))
	check(err)
	tree := open(text, vkey)
	reader := tlog.TileHashReader(tree, dir)
	leaves := 0
	for first := int64(0); first < tree.N; first += 256 {
		width := min(256, int(tree.N-first))
		path := strings.Replace(tlog.Tile{H: 8, L: 0, N: first / 256, W: width}.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(string(dir), path))
		check(err)
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes) // checked against the signed root
		check(err)
		for i, hash := range hashes {
			length := binary.BigEndian.Uint16(bundle)
			leaf := tlog.RecordHash(bundle[2 : 2+length])
			bundle = bundle[2+length:]
			if leaf != hash {
				check(fmt.Errorf("entry %d is not the one of the tree", first+int64(i)))
			}
			if at := first + int64(i); at%61 == 0 || at == tree.N-1 {
				proof, err := tlog.ProveRecord(tree.N, at, reader)
				check(err)
				check(tlog.CheckRecord(proof, tree.N, tree.Hash, at, leaf))
				leaves++
			}
		}
		if len(bundle) != 0 {
			check(fmt.Errorf("%s goes on after its last entry", path))
		}
	}
	for _, name := range os.Args[3:] {
		text, err := os.ReadFile(name)
		check(err)
		old := open(text, vkey)
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
	fmt.Printf("size %d, %d inclusion proofs, %d consistency proofs\n", tree.N, leaves, len(os.Args)-3)
}
