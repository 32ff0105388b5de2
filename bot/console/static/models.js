// The training job's progress, kept fresh. The page works without this file.
"use strict";

const job = document.getElementById("job");
if (job && job.querySelector("[data-job]")) {
  const look = async () => {
    try {
      const answer = await fetch("/models/progress", { credentials: "same-origin" });
      if (answer.redirected || !answer.ok) { location.reload(); return; }
      const words = (await answer.text()).trim();
      if (!words) { location.reload(); return; }
      const open = job.querySelector("details")?.open;
      job.innerHTML = words;
      if (open && job.querySelector("details")) job.querySelector("details").open = true;
    } catch { /* not connected: try again */ }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
}
