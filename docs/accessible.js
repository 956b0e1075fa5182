// Mends what axe finds in the pages that Sphinx and its theme write.
for (const caption of document.querySelectorAll("p.caption[role=heading]")) caption.ariaLevel = 2;
for (const parameters of document.querySelectorAll(".sig dl")) parameters.role = "none";
for (const head of document.querySelectorAll("th")) {
  if (!head.textContent.trim()) head.replaceWith(document.createElement("td"));
}
for (const code of document.querySelectorAll("pre")) {
  if (code.scrollWidth > code.clientWidth) code.tabIndex = 0; // so that the keyboard can scroll it
}
document.querySelector(".sidebar-drawer").ariaLabel = "Book";
