// Package atomicfile puts files and links in their places as a whole: who reads sees the old one or the new one, and a
// process that dies half-way leaves the old one.
//
// What goes wrong is told of the path that was meant. The temporary file beside it has another name with each try, and
// would make every try look like another fault.
package atomicfile
