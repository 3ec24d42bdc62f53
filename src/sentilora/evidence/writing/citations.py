"""The literature a report can cite. A report lists what its sentences cite, and nothing else.

Works on a data set or a backbone are not here: ``study.json`` brings them along (``records/about.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

REFERENCES = {
    "Bouthillier et al. 2021": "Bouthillier, X., Delaunay, P., Bronzi, M., et al. (2021). Accounting for "
    "variance in machine learning benchmarks. Proceedings of Machine Learning and Systems 3, 747–769.",
    "Brier 1950": "Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly "
    "Weather Review 78(1), 1–3.",
    "Clark 1973": "Clark, H. H. (1973). The language-as-fixed-effect fallacy: a critique of language "
    "statistics in psychological research. Journal of Verbal Learning and Verbal Behavior 12(4), 335–359.",
    "Dodge et al. 2020": "Dodge, J., Ilharco, G., Schwartz, R., Farhadi, A., Hajishirzi, H. and Smith, N. "
    "(2020). Fine-tuning pretrained language models: weight initializations, data orders, and early "
    "stopping. arXiv:2002.06305.",
    "Guo et al. 2017": "Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of "
    "modern neural networks. ICML, 1321–1330.",
    "Holm 1979": "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian "
    "Journal of Statistics 6(2), 65–70.",
    "Hu et al. 2021": "Hu, E. J., Shen, Y., Wallis, P., Allen-Zhu, Z., Li, Y., Wang, S., Wang, L. and "
    "Chen, W. (2021). LoRA: low-rank adaptation of large language models. arXiv:2106.09685.",
    "Kalajdzievski 2023": "Kalajdzievski, D. (2023). A rank stabilization scaling factor for fine-tuning "
    "with LoRA. arXiv:2312.03732.",
    "Liu et al. 2024": "Liu, S.-Y., Wang, C.-Y., Yin, H., Molchanov, P., Wang, Y.-C. F., Cheng, K.-T. and "
    "Chen, M.-H. (2024). DoRA: weight-decomposed low-rank adaptation. arXiv:2402.09353.",
    "Loshchilov and Hutter 2019": "Loshchilov, I. and Hutter, F. (2019). Decoupled weight decay "
    "regularization. ICLR.",
    "McNemar 1947": "McNemar, Q. (1947). Note on the sampling error of the difference between correlated "
    "proportions or percentages. Psychometrika 12(2), 153–157.",
    "Nixon et al. 2019": "Nixon, J., Dusenberry, M. W., Zhang, L., Jerfel, G. and Tran, D. (2019). Measuring "
    "calibration in deep learning. CVPR Workshops, 38–41.",
    "Northcutt et al. 2021": "Northcutt, C., Jiang, L. and Chuang, I. (2021). Confident learning: estimating "
    "uncertainty in dataset labels. Journal of Artificial Intelligence Research 70, 1373–1411.",
    "Owen 2007": "Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2), 386–411.",
    "Satterthwaite 1946": "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance "
    "components. Biometrics Bulletin 2(6), 110–114.",
    "Schuirmann 1987": "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and "
    "the power approach for assessing the equivalence of average bioavailability. Journal of "
    "Pharmacokinetics and Biopharmaceutics 15(6), 657–680.",
    "Tango 1998": "Tango, T. (1998). Equivalence test and confidence interval for the difference in "
    "proportions for the paired-sample design. Statistics in Medicine 17(8), 891–908.",
    "Westfall and Young 1993": "Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing: "
    "examples and methods for p-value adjustment. Wiley.",
    "Wilson 1927": "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical "
    "inference. Journal of the American Statistical Association 22(158), 209–212.",
}
"""How prose cites a work, to its entry; alphabetical."""


def cited_references(texts: Iterable[str], *, known: Mapping[str, str]) -> list[str]:
    """The entries of the works these texts cite, alphabetical.

    Args:
        texts: prose.
        known: how prose cites the works that data and backbone bring along, to their entries.
    """
    prose = "\n".join(texts)
    entries = {**REFERENCES, **known}
    return [entries[citation] for citation in sorted(entries) if citation in prose]
