package dev.crossencoder.evaluation.ranking;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.function.IntToDoubleFunction;

/** What a {@link RankingFigure} computes from one ranking, with a cutoff. */
enum RankingMeasure {
  /**
   * Normalized discounted cumulated gain with the grade as gain and the discount log2(rank + 1).
   * Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4),
   * 2002, with the discount of trec_eval's {@code ndcg_cut} (m_ndcg_cut.c).
   */
  NDCG("ndcg", false) {
    @Override
    double of(JudgedRanking ranking, int cutoff) {
      return ndcg(ranking, cutoff, grade -> grade);
    }
  },
  /**
   * The same with the gain 2^grade - 1. Burges et al., "Learning to rank using gradient descent",
   * ICML 2005.
   */
  NDCG_EXPONENTIAL("ndcg-exp", false) {
    @Override
    double of(JudgedRanking ranking, int cutoff) {
      return ndcg(ranking, cutoff, RankingMeasure::exponentialGain);
    }
  },
  /**
   * One divided by the rank of the first relevant document, 0 if there is none up to the cutoff;
   * its mean is MRR. Trec_eval's {@code recip_rank} (m_recip_rank.c).
   */
  MRR("mrr", false) {
    @Override
    double of(JudgedRanking ranking, int cutoff) {
      for (int rank = 0; rank < Math.min(cutoff, ranking.grades().length); rank++) {
        if (ranking.relevant(rank)) {
          return 1.0 / (rank + 1);
        }
      }
      return 0;
    }
  },
  /**
   * The mean of the precision at the rank of each relevant document of the query, 0 for those that
   * are not ranked; its mean is MAP. Trec_eval's {@code map} and {@code map_cut} (m_map.c).
   */
  MAP("map", false) {
    @Override
    double of(JudgedRanking ranking, int cutoff) {
      double sum = 0;
      int found = 0;
      for (int rank = 0; rank < Math.min(cutoff, ranking.grades().length); rank++) {
        if (ranking.relevant(rank)) {
          found++;
          sum += (double) found / (rank + 1);
        }
      }
      return ratio(sum, ranking.allRelevant());
    }
  },
  /** The share of the relevant documents up to the cutoff. Trec_eval's {@code recall}. */
  RECALL("recall", true) {
    @Override
    double of(JudgedRanking ranking, int cutoff) {
      return ratio(ranking.relevantWithin(cutoff), ranking.allRelevant());
    }
  },
  /**
   * The number of relevant documents up to the cutoff, divided by the cutoff even if fewer are
   * ranked. Trec_eval's {@code P}.
   */
  PRECISION("precision", true) {
    @Override
    double of(JudgedRanking ranking, int cutoff) {
      return ratio(ranking.relevantWithin(cutoff), cutoff);
    }
  };

  private static final int MAX_EXPONENT = 1_000;

  private final String key;
  private final boolean needsCutoff;

  RankingMeasure(String key, boolean needsCutoff) {
    this.key = key;
    this.needsCutoff = needsCutoff;
  }

  /** The name, without a cutoff. */
  String key() {
    return key;
  }

  boolean needsCutoff() {
    return needsCutoff;
  }

  /** Computes the figure of one query; 0 if the query has no relevant document. */
  abstract double of(JudgedRanking ranking, int cutoff);

  private static double ndcg(JudgedRanking ranking, int cutoff, IntToDoubleFunction gain) {
    return ratio(dcg(ranking.grades(), cutoff, gain), dcg(ranking.ideal(), cutoff, gain));
  }

  /** Grades of at most 0 have no gain, as in trec_eval. */
  private static double dcg(int[] grades, int cutoff, IntToDoubleFunction gain) {
    double sum = 0;
    for (int rank = 0; rank < Math.min(cutoff, grades.length); rank++) {
      if (grades[rank] > 0) {
        sum += gain.applyAsDouble(grades[rank]) / log2(rank + 2.0);
      }
    }
    return sum;
  }

  /** Sums of larger gains could be infinite, and the figure NaN. */
  private static double exponentialGain(int grade) {
    if (grade > MAX_EXPONENT) {
      throw new InvalidDataException(
          "Cannot compute ndcg-exp, a document has the grade %,d, and 2^grade is too large. Grades may be at most %,d."
              .formatted(grade, MAX_EXPONENT));
    }
    return Math.pow(2, grade) - 1;
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
